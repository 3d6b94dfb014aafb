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
