/** A place in data, as one would write it in code: `guardrails[0].metric`, `metrics["a b"]`. */
export function child(path: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${path}[${key}]`
  const name = String(key)
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

export function pathOf(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(child, '')
}
