/** Keeps what a function makes of short texts that come again and again, such as a digest or the address of a caller. */
import { LRUCache } from "lru-cache";

const maxTexts = 1000;
/** A longer one is computed each time, so that the memory is bounded. */
const maxLength = 128;

export function keepRecent<Value extends {}>(compute: (text: string) => Value): (text: string) => Value {
  const results = new LRUCache<string, Value>({ max: maxTexts });
  return (text) => {
    let result = results.get(text);
    if (result === undefined) {
      result = compute(text);
      if (text.length <= maxLength) results.set(text, result);
    }
    return result;
  };
}
