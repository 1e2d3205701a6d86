// All recipes that have their test here, by the name of the test file.
import { BROWSER } from './browser.js'
import { PLUGINS } from './plugins.js'
import type { Recipe } from './recipe.js'
import { RESTARTING } from './restarting.js'
import { SITES } from './sites.js'
import { STYLES } from './styles.js'
import { VIEWS } from './views.js'

const GROUPS = { restarting: RESTARTING, views: VIEWS, styles: STYLES, sites: SITES, browser: BROWSER, plugins: PLUGINS } as const

export const RECIPES: readonly (Recipe & { readonly group: string })[] =
  Object.entries(GROUPS).flatMap(([group, recipes]) => recipes.map(recipe => ({ ...recipe, group })))
