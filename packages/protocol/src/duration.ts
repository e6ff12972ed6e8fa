/** A length of time as people write it: `'500ms'`, `'30s'`, `'15m'`, `'36h'`, `'14d'`. A day is 86,400,000 ms. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`
