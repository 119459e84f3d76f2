/** What the page does in the browser: puts in its own address, filters the list, copies code. It is readable without. */
export const pageScript = `
for (const place of document.querySelectorAll('.base')) place.textContent = location.origin;
const filter = document.querySelector('#filter');
filter.hidden = false;
filter.addEventListener('input', () => {
  const wanted = filter.value.toLowerCase();
  for (const entry of document.querySelectorAll('nav li')) entry.hidden = !entry.textContent.toLowerCase().includes(wanted);
});
if (navigator.clipboard) {
  for (const block of document.querySelectorAll('pre')) {
    const button = document.createElement('button');
    button.className = 'copy';
    button.textContent = 'Copy';
    const code = block.querySelector('code');
    button.addEventListener('click', () => navigator.clipboard.writeText(code.textContent));
    block.prepend(button);
  }
}
`;
