import { describe, expect, it } from 'vitest'
import { isLoopbackAddress, networkOf, plainAddress } from './ip-address.ts'

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1:0:0:9', '2001:db8::1:0:0:9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80::1', 'fe80:0:0:0::/64'],
    ['::', '::', '0:0:0:0::/64'],
    ['::1', '::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['', '', ''],
    ['somewhere.example', 'somewhere.example', 'somewhere.example'],
    ['1.2.3.4.5', '1.2.3.4.5', '1.2.3.4.5'],
  ])('%s is %s, of the network %s', (address, plain, network) => {
    expect(plainAddress(address)).toBe(plain)
    expect(networkOf(address)).toBe(network)
  })

  it.each([
    ['127.0.0.1', true],
    ['127.255.3.4', true],
    ['::1', true],
    ['0:0:0:0:0:0:0:1', true],
    ['::ffff:127.0.0.1', true],
    ['::ffff:7f00:1', true],
    ['127.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['::ffff:127.evil.example', false],
    ['127.1', false],
    ['128.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['::', false],
    ['::2', false],
    ['localhost', false],
    ['', false],
  ])('%s leads to this machine alone: %s', (address, expected) => {
    expect(isLoopbackAddress(address)).toBe(expected)
  })
})
