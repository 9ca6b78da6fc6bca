/** A map that forgets what was put in first when it is full: memory of a container that serves whoever comes. */
export function boundedMap<Key, Value>(
  most: number,
): Pick<Map<Key, Value>, 'get' | 'size'> & { set(key: Key, value: Value): void } {
  const map = new Map<Key, Value>()
  return {
    get size() {
      return map.size
    },
    get: (key) => map.get(key),
    set(key, value) {
      map.delete(key)
      map.set(key, value)
      const [oldest] = map.size > most ? map.keys() : []
      if (oldest !== undefined) map.delete(oldest)
    },
  }
}
