// Makes docs/images/*.png from examples/bundler in Chromium: `npm run screenshots`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withBundler } from './bundler.js'
import { record } from './recording.js'

await withBundler(async ({ app, url, browser, images }) => {
  const source = join(app, 'src/main.ts')
  const good = readFileSync(source, 'utf8')
  const page = await browser.newPage({ viewport: { width: 1000, height: 600 }, reducedMotion: 'reduce' })
  const isOpen = () => page.waitForFunction('window.__liveReload?.state === "open"')
  /** What is animated has a second to come to rest. */
  const shoot = async (page, name) => {
    await page.waitForTimeout(1000)
    await page.screenshot({ path: join(images, `${name}.png`) })
    console.log(`docs/images/${name}.png`)
  }

  await page.goto(url)
  await isOpen()
  await shoot(page, 'badge')

  // A mistake that people make: a bracket too few.
  writeFileSync(source, good.replace(/\)$/m, ''))
  await page.locator('live-reload-overlay').waitFor({ state: 'attached' })
  await shoot(page, 'overlay')

  for (let save = 1; save <= 3; save++) {
    const loaded = page.waitForEvent('load')
    writeFileSync(source, `${good}// ${save}\n`)
    await loaded
    await isOpen()
  }
  const status = await browser.newPage({ viewport: { width: 1100, height: 990 }, reducedMotion: 'reduce' })
  await status.goto(`${url}/__live/`)
  // The way to a page that has loaded is measured after a second.
  await status.locator('td.age', { hasText: /^[2-9] s/ }).waitFor()
  await shoot(status, 'status')
})

await withBundler(async ({ app, url, browser, images }) => {
  writeFileSync(join(images, 'recording.png'), await record(browser, app, url))
  console.log('docs/images/recording.png')
})
