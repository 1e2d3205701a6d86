// Programs that make a site: pages reload when they are made.
import { test } from 'tap'
import { checkRecipe } from './check.js'
import { SITES } from './sites.js'

for (const recipe of SITES) test(recipe.name, t => checkRecipe(t, recipe))
