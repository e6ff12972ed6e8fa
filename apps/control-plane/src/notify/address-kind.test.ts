import { expect, it } from 'vitest'
import { addressKind } from './address-kind.ts'

it.each([
  [
    'public',
    ['93.184.216.34', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1', '192.167.1.1'],
  ],
  ['public', ['2606:4700:4700::1111', '2a00:1450::200e', '::ffff:1.1.1.1', '::ffff:101:101']],
  [
    'loopback',
    ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
  ],
  ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.255.254']],
  ['private', ['fc00::1', 'fd12:3456::1', '::ffff:10.0.0.1', '::ffff:c0a8:101']],
  // Metadata of AWS, Azure, Google (also by IPv6), Alibaba.
  [
    'forbidden',
    [
      '169.254.169.254',
      '::ffff:169.254.169.254',
      '::ffff:a9fe:a9fe',
      'fd00:ec2::254',
      'fd20:ce::254',
      '168.63.129.16',
      '100.100.100.200',
    ],
  ],
  [
    'forbidden',
    ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0', '224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
  ],
  ['forbidden', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '192.0.0.1', '192.88.99.1']],
  ['forbidden', ['fe80::1', 'fe80::1%eth0', 'ff02::1', 'fec0::1', '2001:db8::1', '100::1', '3fff::1']],
  // An IPv4 address inside: by NAT64, 6to4, Teredo, and in the old compatible form.
  [
    'forbidden',
    [
      '64:ff9b::7f00:1',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b:1::1',
      '2002:7f00:1::',
      '2002:a9fe:a9fe::1',
      '2001:0:7f00:1::',
    ],
  ],
  ['loopback', ['::127.0.0.1', '::7f00:1', '::ffff:0:127.0.0.1']],
  [
    'forbidden',
    ['4000::1', '1::1', 'localhost', '', '127.1', '0x7f.1', '2130706433', '1.2.3.4.5', '[::1]', '1.1.1.1 '],
  ],
])('FAULTS 67: %s: %j', (kind, addresses) => {
  for (const address of addresses) expect([address, addressKind(address)]).toEqual([address, kind])
})
