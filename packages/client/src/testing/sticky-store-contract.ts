import type { StickyStore } from '../sticky/sticky-store.ts'

/**
 * What sticky assignment relies on in every store, as named checks to run in any test framework. Each makes a store
 * of its own, or one in which no key of an earlier check is known.
 */
export function stickyStoreContract(
  make: () => Promise<StickyStore> | StickyStore,
): readonly { readonly title: string; readonly check: () => Promise<void> }[] {
  const whole = { onlyIfAbsent: false, keepMs: 60_000 }
  const first = { onlyIfAbsent: true, keepMs: 60_000 }
  const expect = (holds: boolean, otherwise: string) => {
    if (!holds) throw new Error(otherwise)
  }
  return [
    {
      title: 'knows nothing of a key that was never written',
      async check() {
        expect((await (await make()).read('unknown')) === null, 'An unknown key was not null.')
      },
    },
    {
      title: 'gives back what was written, whatever is in it',
      async check() {
        const store = await make()
        for (const text of ['{"a":1}', '', 'žluťoučký 😀\r\n"\0', 'x'.repeat(10_000)]) {
          expect(await store.write(`key ${text}`, text, whole), 'A write was not made.')
          expect((await store.read(`key ${text}`)) === text, 'What was read is not what was written.')
        }
      },
    },
    {
      title: 'keeps keys apart that differ in little',
      async check() {
        const store = await make()
        const keys = ['a', 'A', 'a ', 'a/b', 'a:b', '../a', 'a\0', 'á', 'a\u0301']
        for (const key of keys) await store.write(key, `of ${key}`, whole)
        for (const key of keys) expect((await store.read(key)) === `of ${key}`, `Key ${key} is another's.`)
      },
    },
    {
      title: 'writes over, but not where it is to write only what is absent',
      async check() {
        const store = await make()
        expect(await store.write('key', 'first', first), 'What was absent was not written.')
        expect(!(await store.write('key', 'second', first)), 'What was there is said to be written over.')
        expect((await store.read('key')) === 'first', 'What was there was written over.')
        expect(await store.write('key', 'third', whole), 'A write was not made.')
        expect((await store.read('key')) === 'third', 'What was written over is still there.')
      },
    },
    {
      title: 'lets one of many be first',
      async check() {
        const store = await make()
        const values = Array.from({ length: 20 }, (_, i) => `value ${i}`)
        const written = await Promise.all(values.map((value) => store.write('key', value, first)))
        expect(written.filter(Boolean).length === 1, 'Not exactly one was first.')
        const winner = values[written.indexOf(true)]
        expect((await store.read('key')) === winner, 'What stands there is not what the first wrote.')
      },
    },
  ]
}
