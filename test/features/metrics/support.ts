// Reads what Prometheus would read.
import type { StartedApp } from '../../support/app.js'

/** The value of each series by its text, such as `live_reload_builds_total{name="a",outcome="ok"}`. */
export async function scrape ({ request }: Pick<StartedApp, 'request'>, path = '/__live/metrics'): Promise<Map<string, number>> {
  const { status, body } = await request(path)
  if (status !== 200) throw new Error(`${status} ${body}`)
  return new Map(String(body).split('\n').filter(line => line !== '' && !line.startsWith('#')).map(line => {
    const space = line.lastIndexOf(' ')
    return [line.slice(0, space), Number(line.slice(space + 1))]
  }))
}
