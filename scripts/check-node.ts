/** Fails early and clearly where npm scripts run on another Node than the project's own. */
const wanted = '24.';
if (!process.versions.node.startsWith(wanted)) {
  console.error(
    `These scripts need Node ${wanted}x, this is ${process.versions.node}. The devDependency "node" brings it: run "npm ci" without --ignore-scripts, then "npm run <script>".`,
  );
  process.exit(1);
}
