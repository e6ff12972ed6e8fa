import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../../test/terminal.ts'
import { trial } from '../../test/trial.ts'

const crashes = { type: 'proportion', direction: 'decrease', window: '1h', rareEvents: true } as const
const definition = {
  ...trial,
  metrics: {
    watched: trial.metrics.watched,
    crashed: { ...crashes, role: 'guardrail' },
    reported: { ...crashes, role: 'secondary' },
  },
  guardrails: [{ metric: 'crashed', margin: { relative: 0.5 }, action: 'abort' }],
  dimensions: { platform: { known: 'before-exposure' } },
}

/** 1,000 units an arm; the model crashes on tv alone. */
const table = ['arm,watched,crashed,reported,platform']
for (const [a, arm] of ['control', 'Modèle'].entries()) {
  for (let i = 0; i < 1_000; i++) {
    const crashed = a === 1 && i % 50 === 0
    const reported = i % 200 === a || (a === 1 && i === 500)
    table.push([arm, i % 10, crashed, reported, i % 2 ? 'web' : 'tv'].join(','))
  }
}

describe('rare events as text', () => {
  it('tells of them what there is to tell: ratios, and no difference', async () => {
    const path = folderWith({ 'trial.json': JSON.stringify(definition), 'units.csv': table.join('\n') })
    const args = ['analyze', path('trial.json'), '--table', path('units.csv'), '--variant', 'arm']
    const { stdout } = await fairtrial(args)
    const [, crashed = ''] = /\n(crashed \(guardrail[\s\S]*?)\n\nreported/.exec(stdout) ?? []
    expect(crashed).toMatch(/^ {2}\S+ against control: breach$/m)
    expect(crashed).toMatch(/^ {4}95 % at any look +not-applicable +unbounded$/m)
    expect(crashed.replaceAll(/\s+/g, ' ')).toContain(
      'worse than control (95 % interval), wholly beyond the margin of 50 %.',
    )
    expect(crashed).toMatch(/^ {4}tv +500 +500 +/m)
    const [, reported = ''] = /\n(reported \(secondary[\s\S]*)/.exec(stdout) ?? []
    expect(reported).toMatch(/^ {4}95 % at any look +not-applicable +\[-\S+ %, \+\S+ %\]$/m)
    expect(reported).toMatch(/Ruled out: effects below -\S+ % and above \S+ % of control/)
    expect(reported).not.toContain('would be found')
    expect(reported).toMatch(/^ {4}tv +500 +500 +-80\.00 % +\[-\S+ %, \+\S+ %\]/m)
  })
})
