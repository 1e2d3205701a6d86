// All recipes, by the test that runs them.
import { BROWSER } from './browser.js'
import { HUGO } from './hugo.js'
import { PLUGINS } from './plugins.js'
import type { Recipe } from './recipe.js'
import { RESTARTING } from './restarting.js'
import { SITES } from './sites.js'
import { STYLES } from './styles.js'
import { VIEWS } from './views.js'

const HERE = { restarting: RESTARTING, views: VIEWS, styles: STYLES, sites: SITES, browser: BROWSER, plugins: PLUGINS } as const

export const RECIPES: readonly (Recipe & { readonly testedBy: string })[] = [
  ...Object.entries(HERE).flatMap(([group, recipes]) => recipes.map(recipe => ({ ...recipe, testedBy: `examples/recipes/${group}` }))),
  { ...HUGO, testedBy: 'system/hugo' }
]
