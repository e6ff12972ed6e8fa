import { expect, it } from 'vitest'
import { sayAgo, sayDuration } from './times.ts'

it.each([
  [230, '230 ms'],
  [45_000, '45 s'],
  [90_000, '1.5 min'],
  [10_800_000, '3 h'],
  [172_800_000, '2 days'],
])('%d ms last %s', (ms, text) => {
  expect(sayDuration(ms)).toBe(text)
})

it.each([
  [-3_000, 'just now'],
  [4_999, 'just now'],
  [59_999, '55 s ago'],
  [3_599_999, '59 min ago'],
  [7_200_000, '2 h ago'],
])('%d ms are %s', (ms, text) => {
  expect(sayAgo(1_000_000_000, 1_000_000_000 + ms)).toBe(text)
})
