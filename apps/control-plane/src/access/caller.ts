/** What a token is good for. `service` takes state and gives events; the others are people. */
export type Role = 'service' | 'viewer' | 'operator' | 'admin'

/** Who asks. */
export interface Caller {
  /** Of the token; null where there are none, and this machine may do everything. */
  readonly name: string | null
  readonly role: Role
}

/** Whoever bears no token, where one is needed for most things. */
export const NOBODY: Caller = { name: null, role: 'viewer' }

/** What each role may do beside its own: an operator sees what a viewer sees, an admin may do everything. */
const MAY: { readonly [R in Role]: readonly Role[] } = {
  service: ['service'],
  viewer: ['viewer'],
  operator: ['viewer', 'operator'],
  admin: ['service', 'viewer', 'operator', 'admin'],
}

/** Whether a role is enough for what asks for another. */
export function mayAct(role: Role, needed: Role): boolean {
  return MAY[role].includes(needed)
}

/** Whether a text names a role. */
export function isRole(text: unknown): text is Role {
  return typeof text === 'string' && Object.hasOwn(MAY, text)
}
