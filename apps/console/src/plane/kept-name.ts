/** The tab remembers who orders, where no token tells it. */
const KEPT_AS = 'fairtrial-name'

export function keptName(): string {
  return sessionStorage.getItem(KEPT_AS) ?? ''
}

export function keepName(name: string): void {
  sessionStorage.setItem(KEPT_AS, name)
}
