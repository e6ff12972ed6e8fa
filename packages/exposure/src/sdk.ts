/** Name and version of this library, as events carry it. Written by `pnpm run version`. */
export const SDK = '@fairtrial/exposure/0.0.0'
