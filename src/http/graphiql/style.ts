/** What GraphiQL's own style lacks: the line for notices, and screens of phones. */
export const style = `
body { display: flex; flex-direction: column; height: 100dvh; margin: 0; }
#root { flex: 1; min-height: 0; }
#root .graphiql-container { width: 100%; height: 100%; }
#notice { margin: 0; padding: 8px 16px; background: #fff3c4; color: #1f2937; font: 15px/1.5 sans-serif; }
#notice a { color: #1d4ed8; }
/* A tab that is pressed would jump from under the pointer. */
.graphiql-container .graphiql-tab { transform: none !important; }
/* Amounts have a space before the currency that does not break: nothing to be warned of. */
.monaco-editor .unicode-highlight { border: 0; background: none; }
@media (max-width: 700px) {
  .graphiql-container { flex-direction: column-reverse; }
  .graphiql-container .graphiql-sidebar { flex-direction: row; width: 100%; padding: 0 8px; }
  .graphiql-container .graphiql-main { min-height: 0; position: relative; }
  .graphiql-container .graphiql-sessions { margin: 0; border-radius: 0; }
  .graphiql-container #graphiql-session { flex-direction: column; min-height: 0; padding: 0; }
  .graphiql-container .graphiql-horizontal-drag-bar { display: none; }
  .graphiql-container .graphiql-plugin { position: absolute; inset: 0; z-index: 10; background: hsl(var(--color-base)); }
  .graphiql-container .graphiql-plugin:empty { display: none; }
  .graphiql-dialog .graphiql-dialog-section { flex-direction: column; align-items: flex-start; gap: 8px; }
  .graphiql-container .graphiql-logo { display: none; }
}
`;
