import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { folderWith } from '../../test/terminal.ts'
import { planePlaces, planeProgram } from './plane-program.ts'

const workspace = dirname(fileURLToPath(import.meta.resolve('@fairtrial/control-plane/package.json')))

describe('planeProgram', () => {
  it('is the package of the folder the command is run in, before that beside the command', () => {
    const manifest = JSON.stringify({
      name: '@fairtrial/control-plane',
      exports: { './package.json': './package.json' },
      bin: { 'fairtrial-control-plane': './built/main.js' },
    })
    const path = folderWith({ 'node_modules/@fairtrial/control-plane/package.json': manifest })
    expect(planeProgram([path('package.json'), import.meta.url])).toBe(
      path('node_modules/@fairtrial/control-plane/built/main.js'),
    )
    expect(planeProgram(planePlaces())).toBe(join(workspace, 'src/main.ts'))
  })

  it('says how it is installed, where it is not', () => {
    // pnpm lets its tools see all of a workspace from anywhere: this place hides it.
    const path = folderWith({ 'node_modules/@fairtrial/control-plane/package.json': '{"exports":{}}' })
    expect(() => planeProgram([path('package.json')])).toThrow(
      '@fairtrial/control-plane is not installed here. Install it: npm install @fairtrial/control-plane',
    )
  })
})
