// Who has no mouse, no script, or a slow line.
import { SAWIT, appOf, balance, check, openShop, person, run, same, sees, signIn, test, title, visitor } from "./lib.mjs";

const shop = await openShop();

test("a payment with the keyboard alone", async () => {
  const [buyer, bill] = [await person(100000), await shop.bill()];
  const page = await (await visitor({ shop })).newPage();
  await page.goto(`${SAWIT}/checkout/${bill.sessionId}`);
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    const ring = getComputedStyle(element);
    const card = element.closest(".choice");
    const seen = ring.outlineStyle !== "none" || (card && getComputedStyle(card).outlineStyle !== "none");
    return { id: element.id, name: element.name, text: element.textContent.trim(), tag: element.tagName, seen };
  });
  const tabTo = async (wanted) => {
    for (let presses = 0; presses < 25; presses++) {
      await page.keyboard.press("Tab");
      const at = await focused();
      if (at.tag === "BODY") continue;
      check(at.seen, `the focus cannot be seen at ${JSON.stringify(at)}`);
      if (wanted(at)) return;
    }
    throw new Error("the keyboard does not get there");
  };
  await page.keyboard.press("Tab");
  same((await focused()).text, "Langsung ke isi", "what comes first");
  await page.keyboard.press("Enter");
  await tabTo((at) => at.id === "email");
  await page.keyboard.type(buyer.email);
  await tabTo((at) => at.id === "password");
  await page.keyboard.type("kata sandi yang panjang");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await tabTo((at) => at.name === "wallet");
  await tabTo((at) => at.tag === "BUTTON" && at.text.startsWith("Bayar"));
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  same(await title(page), "Pembayaran berhasil", "the outcome");
  await tabTo((at) => at.text.startsWith("Kembali ke"));
  await Promise.all([page.waitForURL(`${shop.origin}/**`), page.keyboard.press("Enter")]);
});

test("a payment without any script, and back to the shop", async () => {
  const [buyer, bill] = [await person(100000), await shop.bill()];
  const page = await (await visitor({ shop, scripts: false })).newPage();
  await page.goto(`${SAWIT}/checkout/${bill.sessionId}`);
  check(await page.isHidden(".countdown"), "a clock that stands still is not shown");
  await sees(page, "Bayar sebelum");
  await signIn(page, buyer);
  await page.click("button.pay");
  await page.waitForURL(/payment=trx_/);
  same(await title(page), "Pembayaran berhasil", "the outcome");
  await page.waitForTimeout(1500);
  check(page.url().startsWith(SAWIT), "nobody is moved without a script");
  await page.click("a[data-return]");
  await page.waitForURL(`${shop.origin}/**`);
  check(shop.isSigned(shop.visits.at(-1)), "signed");
  same(await balance(buyer), 41000, "the balance");
});

test("the app without any script", async () => {
  const page = await appOf(await person(1000), { scripts: false });
  await page.click("text=Riwayat");
  await page.waitForLoadState();
  same(await page.locator(".entries li").count(), 1, "entries");
  await page.click(".language");
  await page.waitForLoadState();
  same(await page.getAttribute("html", "lang"), "en", "lang");
});

test("the first page weighs little", async () => {
  const bill = await shop.bill();
  const context = await visitor({ shop });
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send("Network.enable");
  let [bytes, requests] = [0, 0];
  client.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; requests += 1; });
  await page.goto(`${SAWIT}/checkout/${bill.sessionId}`, { waitUntil: "networkidle" });
  console.log(`      ${bytes} bytes in ${requests} requests`);
  check(bytes > 5000 && bytes < 30 * 1024, `${bytes} bytes`);
  check(requests <= 4, `${requests} requests`);
});

test("what the cookies say of themselves", async () => {
  const page = await appOf(await person());
  const cookies = await page.context().cookies();
  check(cookies.length >= 2, "cookies");
  for (const cookie of cookies) {
    check(cookie.httpOnly && cookie.sameSite === "Lax" && cookie.path === "/", JSON.stringify(cookie));
  }
  same(await page.evaluate(() => document.cookie), "", "what a script can read");
});

await run();
