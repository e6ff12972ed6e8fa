import { expect, it } from 'vitest'
import { asSentence } from './words.ts'

it.each([
  ['once more', 'once more.'],
  ['It is over. ', 'It is over.'],
  ['Why?', 'Why?'],
  ['He said "stop."', 'He said "stop."'],
  ['終わり。', '終わり。'],
  ['v2', 'v2.'],
])('makes a sentence of %j: %j', (text, sentence) => {
  expect(asSentence(text)).toBe(sentence)
})
