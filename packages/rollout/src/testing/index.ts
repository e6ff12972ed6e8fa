export { memoryStateStore } from './memory-state-store.ts'
export { stateStoreContract } from './state-store-contract.ts'
export type { ContractCase } from './state-store-contract.ts'
