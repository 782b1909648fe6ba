// What is said when the page's modules don't come: one of them can't be had, or
// fails before anything is shown. No module, so that it runs without them; where
// this doesn't come either, the stylesheet shows the same after a while.

addEventListener('error', (e) => (e.target.nodeName === 'SCRIPT' || e instanceof ErrorEvent) && stuck(), true);
addEventListener('unhandledrejection', stuck);

// The link would lose what a provider has handed over behind the #.
document.querySelector('#stuck a')?.addEventListener('click', (e) => {
  e.preventDefault();
  location.reload();
});

function stuck() {
  document.getElementById('stuck')?.classList.add('now'); // gone once something is shown
}
