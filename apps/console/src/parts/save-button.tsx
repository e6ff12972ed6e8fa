import type { RolloutHistory, RolloutView } from '@fairtrial/rollout'

/** Saves the page as one file that needs no server. What writes it is loaded only then. */
export function SaveButton({
  view,
  history,
}: {
  readonly view: RolloutView
  readonly history: RolloutHistory | null
}) {
  async function save() {
    const { renderReport } = await import('../report.tsx')
    const report = renderReport(view, history, { savedAt: Date.now(), styles: await stylesOfThisPage() })
    const page = new Blob([report], { type: 'text/html' })
    const link = document.createElement('a')
    link.href = URL.createObjectURL(page)
    link.download = `${view.experiment.key}.html`
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <button type="button" className="plain" onClick={() => void save()}>
      Save this page
    </button>
  )
}

/** As they were written: what the browser makes of them lacks shorthands with custom properties. */
async function stylesOfThisPage(): Promise<string> {
  const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')]
  const sheets = await Promise.all(links.map(async ({ href }) => (await fetch(href)).text()))
  return sheets.join('\n')
}
