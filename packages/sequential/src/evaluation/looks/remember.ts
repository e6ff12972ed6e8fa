/**
 * Keeps what was computed for the last so many keys. What is computed depends on its key alone, so that nobody can tell a
 * remembered answer from a new one but by the time it took.
 */
export function remember<T>(capacity: number): (key: string, compute: () => T) => T {
  const kept = new Map<string, T>()
  return (key, compute) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const value = compute()
    if (kept.size >= capacity) kept.delete(kept.keys().next().value!)
    kept.set(key, value)
    return value
  }
}
