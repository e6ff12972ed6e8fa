import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

// `vite` alone serves the console with reload, and asks a control plane on this machine for its data.
const plane = process.env['FAIRTRIAL_PLANE'] ?? 'http://127.0.0.1:4600'

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['@fairtrial/source', ...defaultClientConditions] },
  // The page may load nothing inline: small files stay files.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/v1': { target: plane, changeOrigin: true } } },
})
