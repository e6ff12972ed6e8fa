import { describe, expect, it } from 'vitest'
import { webhookUrl, type WebhookHosts } from './webhook-url.ts'

const open: WebhookHosts = { allowed: null, private: [] }

describe('webhookUrl', () => {
  it.each([
    'http://example.com/hook',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
    'javascript:alert(1)',
    'data:text/plain,x',
    '//example.com/hook',
    'example.com',
    '',
    'https://user:secret@example.com/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://①②⑦.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[0:0:0:0:0:ffff:7f00:1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[fd00:ec2::254]/',
    'https://10.0.0.1/',
    'https://100.64.0.1/',
    'https://[fe80::1]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://0/',
  ])('FAULTS 67: refuses %s', (url) => {
    expect(() => webhookUrl(url, open)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
  })

  it('takes what is public, by name or by address', () => {
    expect(webhookUrl('https://Hooks.Example.com./a?b', open).host).toBe('hooks.example.com')
    expect(webhookUrl('https://93.184.216.34/', open).isPrivate).toBe(false)
  })

  it('FAULTS 67: takes hosts of the list only, and no host that only looks like one of them', () => {
    const hosts: WebhookHosts = { allowed: ['hooks.example.com'], private: [] }
    expect(webhookUrl('https://hooks.example.com:8443/a', hosts).host).toBe('hooks.example.com')
    for (const host of [
      'example.com',
      'a.hooks.example.com',
      'hooks.example.com.evil.org',
      'hooksxexample.com',
    ]) {
      expect(() => webhookUrl(`https://${host}/`, hosts)).toThrow(/not on the list/)
    }
    expect(() => webhookUrl('https://hooks.example.com@evil.org/', hosts)).toThrow(/credentials/)
    expect(() => webhookUrl('https://evil.org#hooks.example.com', hosts)).toThrow(/not on the list/)
    expect(() => webhookUrl('https://evil.org\\@hooks.example.com/', hosts)).toThrow(/not on the list/)
  })

  it('lets a host of the own network be named, and metadata never', () => {
    const hosts: WebhookHosts = {
      allowed: ['hooks.example.com'],
      private: ['127.0.0.1', '10.1.2.3', '169.254.169.254'],
    }
    expect(webhookUrl('http://127.0.0.1:9/', hosts).isPrivate).toBe(true)
    expect(webhookUrl('https://10.1.2.3/', hosts).isPrivate).toBe(true)
    expect(() => webhookUrl('http://10.1.2.4/', hosts)).toThrow(/http:/)
    expect(() => webhookUrl('http://169.254.169.254/', hosts)).toThrow(/no public address/)
    // Whoever means it is told how; for metadata there is no how.
    for (const url of ['http://127.0.0.1:9/', 'https://127.0.0.1:9/', 'http://[::1]:9/']) {
      expect(() => webhookUrl(url, open)).toThrow(/allowed by --allow-private-host (127\.0\.0\.1|::1)\.$/)
    }
    expect(() => webhookUrl('http://169.254.169.254/', open)).toThrow(/Use https\.$/)
  })

  it('shows no path and no credentials where it refuses: they are secrets', () => {
    for (const url of [
      'https://evil.org/T0/SECRET',
      'http://evil.org/T0/SECRET',
      'https://a:SECRET@evil.org/',
    ]) {
      expect(() => webhookUrl(url, { allowed: [], private: [] })).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('SECRET') }),
      )
    }
  })
})
