import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const SCREENSHOTS = fileURLToPath(new URL('../screenshots', import.meta.url))
const ROOM = { width: 1280, height: 900 }

/** Where Chromium is; null, and said loudly, where it is not, which in CI is a failure. */
export function findChromium(): string | null {
  const found = PLACES.find((place) => place !== undefined && existsSync(place)) ?? null
  if (found === null) {
    console.error(
      '\n!! Chromium is not on this machine (CHROMIUM_PATH): the tests of the console are LEFT OUT.\n',
    )
    if (process.env['CI'] === 'true') throw new Error('Chromium must be there in CI')
  }
  return found
}

/** A browser, and pages that tell what goes wrong in them. */
export interface TestBrowser {
  open(url: string, options?: BrowserContextOptions): Promise<Page>
  /** Errors of pages and of their policy so far, but for answers that a test asks for. */
  readonly errors: string[]
  close(): Promise<void>
}

export async function startBrowser(executablePath: string): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const errors: string[] = []
  return {
    errors,
    async open(url, options = {}) {
      const page = await browser.newPage({ viewport: ROOM, ...options })
      page.on('pageerror', ({ message }) => errors.push(message))
      page.on('console', (message) => {
        // What the server refuses is shown by the page; that a request failed is no fault of it.
        const isAnswer = message.text().startsWith('Failed to load resource')
        if (message.type() === 'error' && !isAnswer) errors.push(message.text())
      })
      await page.goto(url)
      await page.locator('h1').first().waitFor()
      return page
    },
    close: () => browser.close(),
  }
}

/** Build output, for people to look at; not in git. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true })
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })
}

export async function expectNoSideways(page: Page): Promise<void> {
  expect(
    await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
  ).toBe(0)
}
