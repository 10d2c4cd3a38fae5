export * as AccountStoreLaws from "./AccountStoreLaws.ts"
export * as MemoryAccountStore from "./MemoryAccountStore.ts"
export * as MemoryPorts from "./MemoryPorts.ts"
export * as SimulatedChannel from "./SimulatedChannel.ts"
