import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * Where an address leads. `public`: anywhere. `private`: inside the own network. `loopback`: this machine. `forbidden`:
 * where nobody receives webhooks, and some answer with secrets, as the metadata services of clouds do.
 */
export type AddressKind = 'public' | 'private' | 'loopback' | 'forbidden'

function listOf(...subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [net = '', prefix] = subnet.split('/')
    list.addSubnet(net, Number(prefix), isIPv6(net) ? 'ipv6' : 'ipv4')
  }
  return list
}

const LOOPBACK = listOf('127.0.0.0/8', '::1/128')

const PRIVATE = listOf('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7')

/** IANA's special-purpose registries (RFC 6890 and its successors): all else that is not of the public Internet. */
const FORBIDDEN = listOf(
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  // Addresses that hold an IPv4 one: the translator would lead where we have not looked.
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
)

/** The metadata services of clouds that stand in a private range, and Azure's, which stands in a public one. */
const METADATA = listOf('168.63.129.16/32', '100.100.100.200/32', 'fd00:ec2::254/128', 'fd20:ce::254/128')

/** What an IP address in text form is; anything that is none is forbidden. */
export function addressKind(address: string): AddressKind {
  const plain = unmapped(address)
  if (plain === null) return 'forbidden'
  const family = isIPv4(plain) ? 'ipv4' : 'ipv6'
  if (FORBIDDEN.check(plain, family) || METADATA.check(plain, family)) return 'forbidden'
  if (LOOPBACK.check(plain, family)) return 'loopback'
  if (PRIVATE.check(plain, family)) return 'private'
  // Only 2000::/3 is given out; what is not, is nobody's.
  return family === 'ipv4' || GLOBAL.check(plain, 'ipv6') ? 'public' : 'forbidden'
}

const GLOBAL = listOf('2000::/3')

/** The IPv4 address inside `::ffff:a.b.c.d`, however it is written; null of what is no address. */
function unmapped(address: string): string | null {
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return null
  // The URL parser has the one way to write an IPv6 address.
  const host = address.includes('%') ? null : new URL(`http://[${address}]/`).hostname.slice(1, -1)
  if (host === null) return null
  const mapped = /^::(?:ffff:(?:0:)?)?([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host)
  if (mapped === null) return host
  const [high, low] = [Number.parseInt(mapped[1] ?? '0', 16), Number.parseInt(mapped[2] ?? '0', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
