/** A value that can be replaced while the gateway runs; its readers ask for it anew each time. */
export class Reloadable<Value> {
  #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  get(): Value {
    return this.#value;
  }

  set(value: Value): void {
    this.#value = value;
  }
}
