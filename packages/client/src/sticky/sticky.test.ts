import { describe, expect, it } from 'vitest'
import { bucketOf, hashUtf8 } from '@fairtrial/assignment'
import { defineExperiment } from '@fairtrial/protocol'
import { pseudonymizer } from '@fairtrial/protocol/pseudonym'
import { autoplay, definition, viewer } from '../../test/autoplay.ts'
import { type ClientOnTrial, clientOnTrial, snapshotOf, stateFor } from '../testing/index.ts'
import { createSticky, memoryStickyStore, type StickyPolicy, type StickyStore } from './index.ts'

const ids = Array.from({ length: 200 }, (_, i) => `${i}`)

function stickyOnTrial(
  policy: StickyPolicy = {},
  { store = memoryStickyStore(), trial = clientOnTrial([autoplay]) as ClientOnTrial } = {},
) {
  const policies = { autoplay: policy }
  return {
    ...trial,
    store,
    sticky: createSticky({ client: trial.client, store, policies, timers: trial.clock }),
  }
}

/** Two ids whose own arms differ. */
function loginThatCrosses(): { anonymous: string; member: string } {
  const { client } = clientOnTrial([autoplay])
  const armOf = (id: string) => client.preview(autoplay, viewer(id)).variant
  const member = ids.find((id) => armOf(`member-${id}`) !== armOf('anonymous'))!
  return { anonymous: 'anonymous', member: `member-${member}` }
}
const { anonymous, member } = loginThatCrosses()

describe('sticky assignment', () => {
  it('gives whoever is met for the first time the arm of the hash', async () => {
    const { sticky, client } = stickyOnTrial()
    for (const id of ids) {
      const arm = await sticky.assign(autoplay, viewer(id))
      expect(arm).toEqual(client.preview(autoplay, viewer(id)))
      expect(await sticky.assign(autoplay, viewer(id))).toEqual(arm)
    }
    expect(sticky.status()).toMatchObject({ remembered: 200, fellBack: 0, failures: 0 })
  })

  it('keeps the arm over a login, and the exposure tells from which id it was computed', async () => {
    const { sticky, client, sink } = stickyOnTrial()
    const before = await sticky.assign(autoplay, viewer(anonymous))
    const after = await sticky.assign(autoplay, viewer(member), { before: anonymous })
    expect(after.variant).toBe(before.variant)
    expect(after).toEqual({ ...before, unitId: member, assignedAs: anonymous })
    expect(bucketOf(hashUtf8(after.assignedAs!, after.seed))).toBe(after.bucket)
    // On another device, where nobody knows of the cookie.
    expect(await sticky.assign(autoplay, viewer(member))).toEqual(after)
    client.expose(after)
    await client.close()
    expect(sink.events()).toContainEqual(expect.objectContaining({ unitId: member, bucket: before.bucket }))
    expect(sticky.status()).toMatchObject({ remembered: 2, fellBack: 2 })
  })

  it('goes by the id of the login where that was met first, or the one before never', async () => {
    const { sticky, client } = stickyOnTrial()
    const own = client.preview(autoplay, viewer(member))
    expect(await sticky.assign(autoplay, viewer(member), { before: 'never seen' })).toEqual(own)
    await sticky.assign(autoplay, viewer(anonymous))
    expect(await sticky.assign(autoplay, viewer(member), { before: anonymous })).toEqual(own)
  })

  it('follows a unit over several changes of its id', async () => {
    const { sticky } = stickyOnTrial()
    const first = await sticky.assign(autoplay, viewer('0'))
    for (let i = 1; i < 10; i++) {
      const next = await sticky.assign(autoplay, viewer(`${i}`), { before: `${i - 1}` })
      expect(next).toMatchObject({ variant: first.variant, bucket: first.bucket, assignedAs: '0' })
    }
  })

  it('remembers nobody who is not enrolled, and asks nothing where nobody is', async () => {
    const keys: string[] = []
    const store = memoryStickyStore()
    const noting: StickyStore = {
      read: (key) => (keys.push(key), store.read(key)),
      write: (key, ...rest) => (keys.push(key), store.write(key, ...rest)),
    }
    const { sticky, source } = stickyOnTrial({}, { store: noting })
    source.give(snapshotOf([stateFor(autoplay, { revision: 2, trafficPercent: 0 })]))
    expect((await sticky.assign(autoplay, viewer('ada'))).reason).toBe('outside-traffic')
    expect(sticky.status().remembered).toBe(0)
    keys.length = 0
    source.give(snapshotOf([stateFor(autoplay, { revision: 3, status: 'aborted', trafficPercent: 0 })]))
    expect((await sticky.assign(autoplay, viewer('ada'), { before: 'cookie' })).reason).toBe('aborted')
    for (const unit of [undefined, null, viewer('')]) {
      expect((await sticky.assign(autoplay, unit as never)).reason).toBe('no-unit-id')
    }
    expect(keys).toEqual([])
  })

  it('lets the first of two instances decide, whatever the other knows', async () => {
    const store = memoryStickyStore()
    const [one, other] = [stickyOnTrial({}, { store }), stickyOnTrial({}, { store })]
    await one.sticky.assign(autoplay, viewer(anonymous))
    const arms = await Promise.all([
      one.sticky.assign(autoplay, viewer(member), { before: anonymous }),
      other.sticky.assign(autoplay, viewer(member)),
    ])
    expect(arms[0].variant).toBe(arms[1].variant)
    expect(await other.sticky.assign(autoplay, viewer(member))).toEqual(arms[0])
  })
})

describe('a new phase', () => {
  const shifted = defineExperiment({
    ...definition,
    variants: [
      { name: 'control', weight: 9, config: { delaySeconds: 30 } },
      { name: 'treatment', weight: 1, config: { delaySeconds: 5 } },
    ],
  })
  const inPhase2 = (store: StickyStore, policy: StickyPolicy = {}) => {
    const trial = clientOnTrial([shifted])
    trial.source.give(snapshotOf([stateFor(shifted, { phase: 2, revision: 7 })]))
    return stickyOnTrial(policy, { store, trial })
  }

  it('draws every arm anew by default', async () => {
    const { sticky, store } = stickyOnTrial()
    for (const id of ids) await sticky.assign(autoplay, viewer(id))
    const next = inPhase2(store)
    for (const id of ids) {
      expect(await next.sticky.assign(shifted, viewer(id))).toEqual(next.client.preview(shifted, viewer(id)))
    }
  })

  it('leaves those who met an arm before in it, as overridden, where arms stick across phases', async () => {
    const across = { keeps: 'across-phases' } as const
    const { sticky, store } = stickyOnTrial(across)
    const next = inPhase2(store, across)
    for (const id of ids) {
      const { variant } = await sticky.assign(autoplay, viewer(id))
      expect(await next.sticky.assign(shifted, viewer(id))).toMatchObject({ reason: 'overridden', variant })
      const after = await next.sticky.assign(shifted, viewer(`login-${id}`), { before: id })
      expect(after).toMatchObject({ reason: 'overridden', variant, assignedAs: id })
      expect(await next.sticky.assign(shifted, viewer(`login-${id}`))).toEqual(after)
    }
    const newcomer = await next.sticky.assign(shifted, viewer('newcomer'))
    expect(newcomer).toEqual(next.client.preview(shifted, viewer('newcomer')))
    expect(next.sticky.status()).toMatchObject({ carried: 600, remembered: 201 })
  })

  it('of the same design is another all the same', async () => {
    const across = { keeps: 'across-phases' } as const
    const { sticky, store } = stickyOnTrial(across)
    const trial = clientOnTrial([autoplay])
    trial.source.give(snapshotOf([stateFor(autoplay, { phase: 2, revision: 7 })]))
    const next = stickyOnTrial(across, { store, trial })
    const { variant } = await sticky.assign(autoplay, viewer('ada'))
    expect(await next.sticky.assign(autoplay, viewer('ada'))).toMatchObject({ reason: 'overridden', variant })
  })

  it('takes no memory from instances that are still in the one before', async () => {
    const { sticky, store } = stickyOnTrial()
    await sticky.assign(autoplay, viewer(anonymous))
    const before = await sticky.assign(autoplay, viewer(member), { before: anonymous })
    await inPhase2(store).sticky.assign(shifted, viewer(member))
    expect(await sticky.assign(autoplay, viewer(member))).toEqual(before)
  })

  it('draws those anew whose variant is gone', async () => {
    const across = { keeps: 'across-phases' } as const
    const store = memoryStickyStore()
    const renamed = defineExperiment({
      ...definition,
      variants: [definition.variants[0], { name: 'quick', weight: 1, config: { delaySeconds: 1 } }],
    })
    const { sticky } = stickyOnTrial(across, { store })
    const trial = clientOnTrial([renamed])
    trial.source.give(snapshotOf([stateFor(renamed, { phase: 2, revision: 7 })]))
    const next = stickyOnTrial(across, { store, trial })
    for (const id of ids) {
      const { variant } = await sticky.assign(autoplay, viewer(id))
      const arm = await next.sticky.assign(renamed, viewer(id))
      expect(arm.reason).toBe(variant === 'control' ? 'overridden' : 'assigned')
      expect(await next.sticky.assign(renamed, viewer(id))).toEqual(arm)
    }
  })
})

describe('an older version', () => {
  const policy = { version: 2, minimumVersion: 2 } as const

  it('is forgotten, and the unit drawn anew', async () => {
    const { sticky, store } = stickyOnTrial()
    await sticky.assign(autoplay, viewer(anonymous))
    await sticky.assign(autoplay, viewer(member), { before: anonymous })
    const { sticky: purging, client } = stickyOnTrial(policy, { store })
    const own = client.preview(autoplay, viewer(member))
    expect(await purging.assign(autoplay, viewer(member))).toEqual(own)
    expect(await purging.assign(autoplay, viewer(member))).toEqual(own)
    expect(purging.status()).toMatchObject({ purged: 1, remembered: 1 })
  })

  it('blocks: control is served as overridden, after a login too', async () => {
    const { sticky, store } = stickyOnTrial()
    await sticky.assign(autoplay, viewer(anonymous))
    const { sticky: blocking } = stickyOnTrial({ ...policy, olderVersions: 'block' }, { store })
    for (const arm of [
      await blocking.assign(autoplay, viewer(anonymous)),
      await blocking.assign(autoplay, viewer(member), { before: anonymous }),
    ]) {
      expect(arm).toMatchObject({ reason: 'overridden', variant: 'control' })
    }
    expect(blocking.status().blocked).toBe(2)
  })
})

describe('a store that fails', () => {
  const rejecting: StickyStore = {
    read: () => Promise.reject(new Error('connection refused')),
    write: () => Promise.reject(new Error('connection refused')),
  }
  const hanging: StickyStore = {
    read: () => new Promise(() => undefined),
    write: () => new Promise(() => undefined),
  }

  it('leaves the arm of the hash, and is counted', async () => {
    const throwing = {
      read() {
        throw Object.create(null) as Error
      },
      write: rejecting.write,
    }
    for (const store of [rejecting, throwing, {} as StickyStore, { read: async () => 7 } as never]) {
      const { sticky, client } = stickyOnTrial({}, { store })
      const arm = await sticky.assign(autoplay, viewer(member), { before: anonymous })
      expect(arm).toEqual(client.preview(autoplay, viewer(member)))
      expect(sticky.status()).toMatchObject({ failures: 1, remembered: 0 })
    }
    const { sticky } = stickyOnTrial({}, { store: rejecting })
    await sticky.assign(autoplay, viewer(member))
    expect(sticky.status().lastFailure).toBe('connection refused')
  })

  it('is waited for no longer than the deadline', async () => {
    const { sticky, client, clock } = stickyOnTrial({}, { store: hanging })
    let arm: unknown
    const assigning = sticky.assign(autoplay, viewer('ada')).then((given) => (arm = given))
    await clock.advance(49)
    expect(arm).toBeUndefined()
    await clock.advance(1)
    await assigning
    expect(arm).toEqual(client.preview(autoplay, viewer('ada')))
    expect(sticky.status()).toMatchObject({ late: 1 })
  })

  it('writes nothing after its deadline: nobody was served what it would remember', async () => {
    let answer: (value: string | null) => void = () => undefined
    const writes: string[] = []
    const slow: StickyStore = {
      read: () => new Promise((resolve) => (answer = resolve)),
      write: async (key) => (writes.push(key), true),
    }
    const { sticky, clock } = stickyOnTrial({}, { store: slow })
    const assigning = sticky.assign(autoplay, viewer('ada'))
    await clock.advance(50)
    await assigning
    answer(null)
    await clock.advance(1_000)
    expect(writes).toEqual([])
  })

  it('keeps what it has told when only the writing hangs', async () => {
    const store = memoryStickyStore()
    const { sticky } = stickyOnTrial({}, { store })
    const before = await sticky.assign(autoplay, viewer(anonymous))
    const { sticky: slow, clock } = stickyOnTrial({}, { store: { ...store, write: hanging.write } })
    const assigning = slow.assign(autoplay, viewer(member), { before: anonymous })
    await clock.advance(50)
    expect(await assigning).toMatchObject({ variant: before.variant, assignedAs: anonymous })
  })

  it('is not asked by more calls than may wait for it', async () => {
    const { client, clock } = clientOnTrial([autoplay])
    const sticky = createSticky({ client, store: hanging, timers: clock, maximumWaiting: 3 })
    const arms = ids.map((id) => sticky.assign(autoplay, viewer(id)))
    await clock.advance(50)
    await Promise.all(arms)
    expect(sticky.status()).toMatchObject({ shed: 197, late: 3 })
  })

  it('that holds what is no record is written over', async () => {
    const damaged = ['', '{', '[]', 'null', '{"schema":"fairtrial.sticky/2"}', `"${'x'.repeat(20_000)}"`]
    for (const text of damaged) {
      const store = memoryStickyStore()
      const keys: string[] = []
      const { sticky, client } = stickyOnTrial(
        {},
        { store: { read: (key) => (keys.push(key), store.read(key)), write: store.write } },
      )
      await sticky.assign(autoplay, viewer('ada'))
      await store.write(keys[0]!, text, { onlyIfAbsent: false, keepMs: 1 })
      expect(await sticky.assign(autoplay, viewer('ada'))).toEqual(client.preview(autoplay, viewer('ada')))
      expect(sticky.status()).toMatchObject({ malformed: 1, remembered: 2 })
      expect(await store.read(keys[0]!)).toContain('"assignedAs":"ada"')
    }
  })
})

it('FAULTS 40: a store is told no raw id where units go by pseudonyms, and arms stick all the same', async () => {
  const pseudonymOf = pseudonymizer('a key of well over sixteen bytes')
  const trial = clientOnTrial([autoplay], { unitIds: { policy: 'hmac', pseudonymOf } })
  const told: string[] = []
  const memory = memoryStickyStore()
  const store: StickyStore = {
    read: (key) => (told.push(key), memory.read(key)),
    write: (key, value, how) => (told.push(key, value), memory.write(key, value, how)),
  }
  const { sticky } = stickyOnTrial({}, { store, trial })
  const before = await sticky.assign(autoplay, viewer('cookie@example.org'))
  const after = await sticky.assign(autoplay, viewer('ada@example.org'), { before: 'cookie@example.org' })
  expect(after).toMatchObject({ variant: before.variant, assignedAs: pseudonymOf('cookie@example.org') })
  expect(told.join()).not.toContain('example.org')
  expect(told.join()).toContain(pseudonymOf('ada@example.org'))
})

it('policies and limits that cannot be are refused', () => {
  const refused = (policy: object, message: RegExp) => expect(() => stickyOnTrial(policy)).toThrow(message)
  refused({ keeps: 'for-ever' }, /policies.autoplay.keeps is for-ever/)
  refused({ olderVersions: 'ignore' }, /olderVersions is ignore/)
  refused({ version: 1.5 }, /version is 1.5/)
  refused({ version: 1, minimumVersion: 2 }, /minimumVersion is 2/)
  const { client } = clientOnTrial([autoplay])
  for (const limits of [{ deadlineMs: 0 }, { keepMs: Number.NaN }, { maximumWaiting: -1 }]) {
    expect(() => createSticky({ client, store: memoryStickyStore(), ...limits })).toThrow(/above 0/)
  }
})
