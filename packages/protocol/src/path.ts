/** A place in data, as people write it: `guardrails[0].metric`, `metrics.start-rate`, `config["a b"]`. */
export function child(path: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${path}[${key}]`
  const name = String(key)
  if (!/^[\w$.-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

export function pathOf(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(child, '')
}
