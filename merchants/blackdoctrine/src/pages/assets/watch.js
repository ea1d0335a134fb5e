// Watches an order that the provider says is paid, until the shop has been told so too; then shows the page anew.
(() => {
  const notice = document.querySelector("[data-watch]");
  if (!notice) return;
  let looksLeft = 90;
  const look = async () => {
    try {
      const answer = await fetch(notice.dataset.watch, { cache: "no-store", redirect: "error" });
      if (answer.ok && (await answer.json()).paymentStatus !== notice.dataset.seen) {
        location.reload();
        return;
      }
    } catch {
      // The shop may be restarting: look again.
    }
    looksLeft -= 1;
    if (looksLeft > 0) setTimeout(look, 2000);
    else location.replace(notice.dataset.late);
  };
  setTimeout(look, 1000);
})();
