import { useSyncExternalStore } from "react";

/** A value outside React, which components follow by `use`. */
export function createStore<Value>(value: Value) {
  const listeners = new Set<() => void>();
  const store = {
    get: () => value,
    set(next: Value) {
      value = next;
      for (const listener of listeners) listener();
    },
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    use: () => useSyncExternalStore(store.onChange, store.get),
  };
  return store;
}

export type Store<Value> = ReturnType<typeof createStore<Value>>;
