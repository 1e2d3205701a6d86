// The usual merge of a site: its parts, one after the other.
import type { Diagnostic } from '../../../../types/build.js'
import type { Merge } from '../../../../types/shards.js'
import { check, isBoolean, matching } from '../../../options/check.js'
import { mergeFeeds, type FeedOptions } from './feeds.js'
import { mergeLinks, type LinkOptions } from './links.js'
import { mergeSearch, type SearchOptions } from './search.js'
import { givenOptions, siteSettings, type SiteOptions } from './settings.js'
import { mergeSitemap } from './sitemap.js'
import { mergeTags, type TagOptions } from './tags.js'

export interface MergeSiteOptions extends SiteOptions {
  /** Of the feeds. @default the host of `baseUrl` */
  title?: string
  /** `sitemap.xml`. @default true */
  sitemap?: boolean
  /** RSS and Atom of the newest pages. @default true */
  feeds?: boolean | FeedOptions
  /** The list of the fragments that `searchPages()` makes. @default true */
  search?: boolean | SearchOptions
  /** The report of links that lead nowhere. @default true */
  links?: boolean | LinkOptions
  /** The report of tags that are written in two ways. @default true */
  tags?: boolean | TagOptions
}

/** Writes sitemap, feeds and the list of search fragments, and reports dead links and doubled tags. Each part is a merge of its own, too. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function mergeSite (options: MergeSiteOptions): Merge {
  const given = givenOptions('mergeSite', options, ['baseUrl', 'outDir', 'title', 'sitemap', 'feeds', 'search', 'links', 'tags'])
  const { base, dir } = siteSettings('mergeSite', given)
  const site = { baseUrl: base, outDir: dir }
  const part = (name: string, create: (options: object, name: string) => Merge): Merge[] => {
    const value = given[name] === undefined ? true : check(`mergeSite.${name}`, given[name], 'true, false or an object', isSwitch)
    return value === false ? [] : [create(value === true ? {} : value, `mergeSite.${name}`)]
  }
  if (given.sitemap !== undefined) check('mergeSite.sitemap', given.sitemap, 'true or false', isBoolean)
  const title = given.title === undefined ? {} : { title: check('mergeSite.title', given.title, 'a text', matching(/\S/)) }
  const parts = [
    ...part('sitemap', (_, name) => mergeSitemap(site, name)),
    ...part('feeds', (more, name) => mergeFeeds({ ...site, ...title, ...more }, name)),
    ...part('search', mergeSearch),
    ...part('tags', mergeTags),
    // The last: it knows what the others have written.
    ...part('links', (more, name) => mergeLinks({ ...site, ...more }, name))
  ]
  return async (results, request, context) => {
    const diagnostics: Diagnostic[] = []
    for (const merge of parts) {
      context.signal.throwIfAborted()
      diagnostics.push(...(await merge(results, request, context))?.diagnostics ?? [])
    }
    return { diagnostics }
  }
}

const isSwitch = (v: unknown): v is boolean | object => typeof v === 'boolean' || (typeof v === 'object' && v !== null && !Array.isArray(v))
