// With `?raw`, Vite gives the text of a file as its default export.
declare module '*.svm?raw' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: see above
  export default text;
}
declare module '*.maps?raw' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: see above
  export default text;
}

/** With `import.meta.glob`, Vite gives the texts of all files of a folder, by path. */
interface ImportMeta {
  glob(pattern: string, options: { query: '?raw'; import: 'default'; eager: true }): Readonly<Record<string, string>>;
}
