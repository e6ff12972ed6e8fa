import { isIP } from 'node:net'
import { ExperimentError } from '@fairtrial/protocol'
import { addressKind } from './address-kind.ts'

/** Where webhooks may go. */
export interface WebhookHosts {
  /** Hosts that may be asked; null: any that is public. */
  readonly allowed: readonly string[] | null
  /** Of these, those that may stand in the own network or on this machine, where `http:` is allowed too. */
  readonly private: readonly string[]
}

/** A URL that may be asked, as far as its text can tell. */
export interface WebhookUrl {
  readonly url: URL
  /** As it is resolved, or the address itself. */
  readonly host: string
  /** Whether it may resolve to an address of the own network. */
  readonly isPrivate: boolean
}

/**
 * Reads the URL of a webhook.
 *
 * @throws ExperimentError `invalid-argument` for one that may not be asked, whoever it resolves to
 */
export function webhookUrl(text: string, hosts: WebhookHosts): WebhookUrl {
  if (!URL.canParse(text)) throw refused(text, 'is no URL', 'Give https://HOST/PATH.')
  const url = new URL(text)
  const host = hostOf(url.hostname)
  const isPrivate = hosts.private.some((name) => hostOf(name) === host)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isPrivate)) {
    throw refused(`${url.protocol}//${host}`, `is ${url.protocol}`, `Use https${ofOwn(host)}.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw refused(`https://…@${host}`, 'bears credentials', 'Sign with --webhook-secret-file instead.')
  }
  const isAllowed = isPrivate || hosts.allowed === null || hosts.allowed.some((name) => hostOf(name) === host)
  if (!isAllowed) {
    throw refused(`https://${host}`, 'is not on the list of hosts', 'Allow it by --allow-host.')
  }
  // An address needs no resolving, so that the check of what a name resolves to would not see it.
  if (isIP(host) !== 0 && !mayConnect(host, isPrivate)) {
    throw refused(host, 'is no public address', `Name a host that everybody can reach${ofOwn(host)}.`)
  }
  return { url, host, isPrivate }
}

/** Whether a connection to an address may be made. */
export function mayConnect(address: string, isPrivate: boolean): boolean {
  const kind = addressKind(address)
  return kind === 'public' || (isPrivate && kind !== 'forbidden')
}

function hostOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

/** How one in the own network is allowed, where any can be: what tells a machine's secrets never is. */
function ofOwn(host: string): string {
  const isNever = isIP(host) !== 0 && !mayConnect(host, true)
  return isNever
    ? ''
    : `; one of the own network, or of this machine, is allowed by --allow-private-host ${host}`
}

function refused(what: string, why: string, remedy: string): ExperimentError {
  return new ExperimentError('invalid-argument', `The webhook ${what} ${why}.`, remedy)
}
