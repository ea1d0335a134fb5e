//! The orders endpoint.

use async_graphql::{Context, EmptySubscription, ID, Object, Result, Schema};

use crate::app::{SharedApp, cancel_order, create_order, receive_notification};
use crate::domain::order::Request;
use crate::domain::shipping::CITIES;
use crate::graphql::types::{BillView, CityView, OrderInput, OrderView, ProductView};
use crate::graphql::{COMPLEXITY_MAX, DEPTH_MAX, active_user_id, app, numeric_id, page_size, shape};
use crate::store::{orders, products};

pub(crate) type OrdersSchema = Schema<OrdersQuery, OrdersMutation, EmptySubscription>;

pub(crate) fn schema(app: SharedApp) -> OrdersSchema {
    Schema::build(OrdersQuery, OrdersMutation, EmptySubscription)
        .data(app)
        .limit_depth(DEPTH_MAX)
        .limit_complexity(COMPLEXITY_MAX)
        .finish()
}

pub(crate) struct OrdersQuery;

#[Object(name = "Query")]
impl OrdersQuery {
    /// What is sold, by id.
    async fn products(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The id to go on after.")] after: Option<ID>,
    ) -> Result<Vec<ProductView>> {
        let limit = page_size(first).map_err(shape)?;
        let after = after.map_or(Ok(0), |id| numeric_id(&id, "Produk")).map_err(shape)?;
        let page = app(context)
            .db
            .run(move |tx| products::list(tx, after, limit))
            .await
            .map_err(shape)?;
        Ok(page.into_iter().map(ProductView::from).collect())
    }

    /// One product.
    async fn product(&self, context: &Context<'_>, id: ID) -> Result<Option<ProductView>> {
        let Ok(id) = numeric_id(&id, "Produk") else {
            return Ok(None);
        };
        let found = app(context)
            .db
            .run(move |tx| products::find(tx, id))
            .await
            .map_err(shape)?;
        Ok(found.map(ProductView::from))
    }

    /// Where orders can be sent.
    async fn kota(&self) -> Vec<CityView> {
        CITIES.into_iter().map(CityView::from).collect()
    }

    /// The bill behind a virtual-account number. The provider asks this before it debits; it is open to anyone.
    #[graphql(name = "getOrderByVA")]
    async fn get_order_by_va(&self, context: &Context<'_>, va_number: String) -> Result<Option<BillView>> {
        let found = app(context)
            .db
            .run(move |tx| orders::find_by_va(tx, &va_number))
            .await
            .map_err(shape)?;
        Ok(found.map(BillView::from))
    }

    /// The orders of who asks, newest first.
    async fn my_orders(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The id to go on after.")] after: Option<ID>,
    ) -> Result<Vec<OrderView>> {
        let user_id = active_user_id(context).await?;
        let limit = page_size(first).map_err(shape)?;
        let before = after
            .map_or(Ok(i64::MAX), |id| numeric_id(&id, "Order"))
            .map_err(shape)?;
        let app = app(context);
        let list = app
            .db
            .run(move |tx| orders::list_of_user(tx, user_id, before, limit))
            .await
            .map_err(shape)?;
        Ok(list
            .into_iter()
            .map(|order| OrderView::new(order, &app.rules.checkout_url))
            .collect())
    }
}

pub(crate) struct OrdersMutation;

#[Object(name = "Mutation")]
impl OrdersMutation {
    /// Reserves the goods and makes a bill with a virtual-account number.
    async fn create_order(&self, context: &Context<'_>, input: OrderInput) -> Result<OrderView> {
        let user_id = active_user_id(context).await?;
        let request = Request::parse(
            &input.product_id,
            i64::from(input.quantity),
            &input.alamat_pengiriman,
            &input.metode_pengiriman,
            input.kota_tujuan_id.as_deref().map(String::as_str),
        )
        .map_err(shape)?;
        let app = app(context);
        let order = create_order::create_order(app, user_id, request, None)
            .await
            .map_err(shape)?;
        Ok(OrderView::new(order, &app.rules.checkout_url))
    }

    /// Calls off an order that is not paid.
    async fn cancel_order(&self, context: &Context<'_>, id: ID) -> Result<OrderView> {
        let user_id = active_user_id(context).await?;
        let order_id = numeric_id(&id, "Order").map_err(shape)?;
        let app = app(context);
        let order = cancel_order::cancel_order(app, user_id, order_id)
            .await
            .map_err(shape)?;
        Ok(OrderView::new(order, &app.rules.checkout_url))
    }

    /// The provider's notification that an order was paid. True means that it was taken in; whether the order now
    /// counts as paid is what `getOrderByVA` says. The signed webhook is the trustworthy way.
    async fn update_payment_status(&self, context: &Context<'_>, va_number: String, status: String) -> Result<bool> {
        receive_notification::receive_notification(app(context), va_number, &status)
            .await
            .map_err(shape)?;
        Ok(true)
    }
}
