export { checkExposureToken, exposureTokens } from './exposure-token.ts'
export type { ExposureTokenOptions, TokenVerdict } from './exposure-token.ts'
