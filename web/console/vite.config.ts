import { resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'

/** Vite's dev server injects styles and a client inline; the policy holds for what is built. */
const withoutPolicyInDevelopment: Plugin = {
  name: 'without-policy-in-development',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
}

const frontDoor = 'http://localhost:8787'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [withoutPolicyInDevelopment],
  build: {
    outDir: resolve(import.meta.dirname, '../../dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/v1': frontDoor, '/socket': { target: frontDoor, ws: true } } },
})
