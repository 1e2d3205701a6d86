// What a file is for a page, by its extension. Looked up in tables: a pattern that was not used for a while is compiled anew at each save.
import { extname } from 'node:path'
import type { Update } from '../../types/message.js'
import type { Settings } from '../options/settings.js'

const CSS = ['.css', '.woff', '.woff2', '.ttf', '.otf', '.eot']
const IMAGES = ['.png', '.apng', '.jpg', '.jpeg', '.jfif', '.gif', '.webp', '.avif', '.svg', '.ico', '.bmp']
const HTML = ['.html', '.htm']
/** Apps render pages from these. */
const TEMPLATES = ['.ejs', '.eta', '.hbs', '.handlebars', '.mustache', '.pug', '.jade', '.njk', '.nunjucks', '.liquid', '.twig', '.art', '.edge', '.marko', '.md', '.markdown']
/** A source map or a compressed copy stands for the file beside it. */
const COMPANIONS = new Set(['.map', '.gz', '.br', '.zst'])

type FileKind = Exclude<Update['kind'], 'names'>

function table (kinds: Readonly<Partial<Record<FileKind, readonly string[]>>>): ReadonlyMap<string, FileKind> {
  return new Map(Object.entries(kinds).flatMap(([kind, extensions]) => extensions.map((extension): [string, FileKind] => [extension, kind as FileKind])))
}

const SERVED = table({ css: CSS, image: IMAGES, html: HTML })
const READ_BY_APP = table({ css: CSS, image: IMAGES, html: [...HTML, ...TEMPLATES] })

/** `isServed`: pages get the file as it is. Otherwise the app reads it, and may render pages from it. */
export function kindOf (file: string, isServed: boolean): FileKind | undefined {
  return (isServed ? SERVED : READ_BY_APP).get(extname(file).toLowerCase())
}

/** The setting that lets pages show such a file in place. */
export function isShownInPlace (kind: FileKind, { update, client }: Pick<Settings, 'update' | 'client'>): boolean {
  if (kind === 'html') return client.morph === true
  return kind === 'css' ? update.css : update.images
}

/** The file that a companion stands for, or the file itself. */
export function withoutCompanion (path: string): string {
  const extension = extname(path)
  return COMPANIONS.has(extension.toLowerCase()) ? path.slice(0, -extension.length) : path
}
