// Every page works without this. It makes the countdown run, looks for news, and keeps a form from being sent twice.
(() => {
  "use strict";
  const one = (selector) => document.querySelector(selector);

  // Browsers print without this as well, and a button that does nothing is not shown.
  const print = one("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }

  // What went wrong is read first.
  one("[data-focus]")?.focus();

  // A form is sent once. The button stays reachable, so the focus does not jump.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    for (const button of form.querySelectorAll("button[type=submit]")) {
      button.setAttribute("aria-disabled", "true");
      if (button.dataset.busy) button.textContent = button.dataset.busy;
    }
  });
  // A page that comes back out of the browser's memory is of yesterday: the bill may be paid by now.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  // The countdown goes by the provider's clock.
  const countdown = one(".countdown");
  if (countdown) {
    const ends = Date.parse(countdown.dataset.ends);
    const ahead = Date.parse(countdown.dataset.now) - performance.now();
    const clock = countdown.querySelector(".clock");
    const told = one(".soon");
    let reloaded = false;
    const show = () => {
      const left = Math.max(0, Math.ceil((ends - ahead - performance.now()) / 1000));
      const two = (number) => String(number).padStart(2, "0");
      const days = Math.floor(left / 86400);
      clock.textContent = (days ? countdown.dataset.days.replace("{}", days) + " " : "") + two(Math.floor(left / 3600) % 24) + ":" + two(Math.floor(left / 60) % 60) + ":" + two(left % 60);
      countdown.hidden = false;
      if (left < 120) countdown.classList.add("soon");
      // Said once, not every second.
      if (left < 120 && !told.textContent) told.textContent = countdown.dataset.soon;
      if (left === 0 && !reloaded) {
        reloaded = true;
        setTimeout(() => location.reload(), 1500);
      }
    };
    show();
    setInterval(show, 1000);
  }

  // News of the bill: paid in another tab, cancelled, or the payment's outcome.
  const watched = one("[data-watch]");
  if (watched) {
    const { watch, state, version, payment, every } = watched.dataset;
    const look = async () => {
      try {
        const answer = await fetch(watch, { headers: { accept: "application/json" } });
        if (answer.ok && !document.hidden) {
          const news = await answer.json();
          const typing = document.activeElement?.matches("input") && document.activeElement.value;
          // Another version is another bill: its amount may have changed.
          const changed = news.state !== state || String(news.version) !== version;
          if (changed || (!typing && payment && news.payment && news.payment !== payment)) return location.reload();
        }
      } catch {
        // The next look may work.
      }
      setTimeout(look, every * 1000);
    };
    setTimeout(look, every * 1000);
  }

  // The console's overview: the page is asked for again, and its live part taken. Not while somebody reads in it by keyboard.
  const live = one("[data-live]");
  if (live) {
    const look = async () => {
      try {
        if (!document.hidden && !live.contains(document.activeElement)) {
          const answer = await fetch(location.href, { headers: { "x-refresh": "1" } });
          // Signed out meanwhile: the sign-in page says so.
          if (answer.redirected) return location.reload();
          const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
          if (answer.ok && fresh) live.replaceChildren(...fresh.childNodes);
        }
      } catch {
        // The next look may work.
      }
      setTimeout(look, live.dataset.live * 1000);
    };
    setTimeout(look, live.dataset.live * 1000);
  }

  // Back to the shop, unless the buyer stays.
  const back = one("[data-return]");
  const returning = one(".returning");
  if (back && returning) {
    let left = Number(returning.dataset.seconds);
    const text = returning.querySelector("p");
    returning.hidden = false;
    const timer = setInterval(() => tick(), 1000);
    const tick = () => {
      text.textContent = returning.dataset.text.replace("{}", left);
      if (left-- <= 0) {
        clearInterval(timer);
        location.assign(back.href);
      }
    };
    tick();
    returning.querySelector("button").addEventListener("click", () => {
      clearInterval(timer);
      returning.hidden = true;
      back.focus();
    });
  }
})();
