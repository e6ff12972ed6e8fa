/** Flags of Node under which a child runs the workspace's TypeScript. */
export const SOURCE_FLAGS = ['--conditions=@fairtrial/source', '--import', import.meta.resolve('tsx')]
