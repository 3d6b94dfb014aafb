import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { contentPolicy } from './site/content-policy.ts';
import { offline } from './site/offline.ts';
import { preload } from './site/preload.ts';
import { still } from './site/still.ts';

/** The page: one static folder that runs from any path, offline, with the emulator in a module worker. */
export default defineConfig({
  base: './',
  plugins: [react(), tailwindcss(), contentPolicy(), preload(), still(), offline()],
  worker: { format: 'es' },
  build: { target: 'es2022', sourcemap: true },
});
