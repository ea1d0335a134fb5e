// A payment at the checkout that somebody must look at first: what its buyer is told, what the desk does, and how it ends.
import { PASSWORD, SAWIT, balance, check, look, openShop, run, same, sawit, sees, signIn, test, title, visitor } from "./lib.mjs";
import { analyst, consoleOf, open, policy, rich, send } from "./desk.mjs";

// Above what the baseline calls suspicious, below what it calls fraud.
const SUSPICIOUS = 12_000_000;
// The page asks every ten seconds.
const NEWS = { timeout: 30_000 };

const shop = await openShop();
const bill = () => shop.bill({ amount: SUSPICIOUS, items: [{ name: "Mesin kopi", quantity: 1, price: SUSPICIOUS }] });

/** A buyer with twice the money, who has just paid the bill and stands before what became of it. */
async function pays(session) {
  await policy({ suspiciousAction: "REVIEW", fourEyesAbove: null });
  const buyer = await rich(SUSPICIOUS * 2);
  const page = await (await visitor({ shop })).newPage();
  await page.goto(`${SAWIT}/checkout/${session.sessionId}`);
  await signIn(page, buyer);
  // What is large is confirmed.
  await page.fill("#password", PASSWORD);
  await page.click("button.pay");
  await page.waitForURL(/payment=trx_/);
  return { buyer, page };
}

async function decides(buyer, word, note) {
  const desk = await consoleOf(await analyst());
  await open(desk, buyer);
  await look(desk, `review-desk-${word.toLowerCase()}`);
  await desk.fill("#note", note);
  await send(desk, `button:has-text('${word}')`);
  return desk;
}

const available = async (buyer) => {
  const { myWallets: [{ availableBalance }] } = await sawit("{ myWallets { availableBalance } }", {}, buyer.token);
  return availableBalance;
};

test("approved at the desk, the buyer's page comes to success and back to the shop", async () => {
  const session = await bill();
  const { buyer, page } = await pays(session);
  same(await title(page), "Pembayaran sedang diperiksa", "what the buyer reads");
  await sees(page, "Rp 12.000.000 disisihkan");
  await sees(page, shop.name);
  await sees(page, "Jangan bayar lagi");
  same(await page.locator("button.pay").count(), 0, "buttons to pay with");
  await look(page, "review-waiting");
  same(await available(buyer), SUSPICIOUS, "what can still be spent");
  same(await balance(buyer), SUSPICIOUS * 2, "what is still the buyer's");

  // Whoever else opens the bill is told not to pay it.
  const other = await (await visitor({ shop, locale: "en-GB" })).newPage();
  await other.goto(`${SAWIT}/checkout/${session.sessionId}`);
  same(await title(other), "A payment of this bill is being reviewed", "what others read");
  await look(other, "review-others");

  const desk = await decides(buyer, "Approve", "Called back: it is their own machine.");
  await sees(desk, "Approved. The payment goes on.");
  await page.waitForSelector("h1:has-text('Pembayaran berhasil')", NEWS);
  await look(page, "review-approved");
  await page.waitForURL(`${shop.origin}/**`, NEWS);
  const visit = shop.visits.at(-1);
  same(visit.searchParams.get("status"), "PAID", "the status that the shop is told");
  check(shop.isSigned(visit), `not signed: ${visit}`);
  same(await balance(buyer), SUSPICIOUS, "the balance");
});

test("rejected at the desk, the buyer is told, has the money and may pay anew", async () => {
  const { buyer, page } = await pays(await bill());
  const desk = await decides(buyer, "Reject", "They say that it was not them.");
  await sees(desk, "Rejected. The money is let go.");
  await page.waitForFunction(() => !document.querySelector("[data-payment=REVIEW]"), undefined, NEWS);
  await look(page, "review-rejected");
  same(await available(buyer), SUSPICIOUS * 2, "what can be spent again");
  check(await page.isVisible("button.pay"), "the bill can be paid again");
});

await run();
