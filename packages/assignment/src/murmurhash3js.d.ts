/** The part of murmurhash3js 3.0.1 that is used here; the package ships no types. */
declare module 'murmurhash3js' {
  const murmurhash3js: {
    readonly x86: {
      /** MurmurHash3_x86_32 over the low bytes of the string's UTF-16 units, as an unsigned integer. */
      readonly hash32: (latin1: string, seed?: number) => number
    }
  }
  export default murmurhash3js
}
