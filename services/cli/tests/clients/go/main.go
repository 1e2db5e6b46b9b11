// A foreign client: grpc-go with generated stubs, through the gateway. Exits 0 when all is as promised.
//
// usage: clients ADDRESS CA_FILE
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	catalogv1 "treaty.test/clients/gen/shop/catalog/v1"
	inventoryv1 "treaty.test/clients/gen/shop/inventory/v1"
	ordersv1 "treaty.test/clients/gen/shop/orders/v1"
)

func main() {
	log.SetFlags(0)
	creds, err := credentials.NewClientTLSFromFile(os.Args[2], "")
	must(err)
	conn, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(creds))
	must(err)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	product := unary(ctx, conn)
	order := place(ctx, conn, product)
	serverStreaming(ctx, conn, order)
	clientStreaming(ctx, conn, product)
	bidirectional(ctx, conn, product)
	errors(ctx, conn)
	check, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	must(err)
	expect(check.Status == healthpb.HealthCheckResponse_SERVING, "health: %v", check)
	fmt.Println("go through the gateway: all as promised")
}

func unary(ctx context.Context, conn *grpc.ClientConn) string {
	page, err := catalogv1.NewCatalogClient(conn).ListProducts(ctx, &catalogv1.ListProductsRequest{PageSize: 5})
	must(err)
	expect(len(page.Products) == 5 && page.NextPageToken != "", "page: %v", page)
	return page.Products[3].Name
}

func place(ctx context.Context, conn *grpc.ClientConn, product string) string {
	order, err := ordersv1.NewOrdersClient(conn).PlaceOrder(ctx, &ordersv1.PlaceOrderRequest{Order: &ordersv1.Order{
		Customer: &ordersv1.Customer{Email: "grace@example.com", DisplayName: "Grace", Address: "Arlington"},
		Lines:    []*ordersv1.OrderLine{{Product: product, Quantity: 1}},
	}})
	must(err)
	expect(order.State == ordersv1.Order_CONFIRMED, "order: %v", order)
	return order.Name
}

func serverStreaming(ctx context.Context, conn *grpc.ClientConn, order string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := ordersv1.NewOrdersClient(conn).WatchOrder(ctx, &ordersv1.WatchOrderRequest{Name: order})
	must(err)
	first, err := stream.Recv()
	must(err)
	expect(first.Order.Name == order, "watched: %v", first)
}

func clientStreaming(ctx context.Context, conn *grpc.ClientConn, product string) {
	stream, err := inventoryv1.NewInventoryClient(conn).DeliverStock(ctx)
	must(err)
	for range 4 {
		must(stream.Send(&inventoryv1.DeliverStockRequest{Product: product, Quantity: 5}))
	}
	summary, err := stream.CloseAndRecv()
	must(err)
	expect(summary.Parcels == 4 && summary.Quantity == 20, "summary: %v", summary)
}

func bidirectional(ctx context.Context, conn *grpc.ClientConn, product string) {
	stream, err := inventoryv1.NewInventoryClient(conn).WatchStock(ctx)
	must(err)
	must(stream.Send(&inventoryv1.WatchStockRequest{Add: []string{product}}))
	answer, err := stream.Recv()
	must(err)
	expect(answer.StockItem.Product == product, "watched: %v", answer)
	must(stream.CloseSend())
	for {
		if _, err = stream.Recv(); err != nil {
			break
		}
	}
	expect(err == io.EOF, "the stream ended with %v", err)
}

func errors(ctx context.Context, conn *grpc.ClientConn) {
	catalog := catalogv1.NewCatalogClient(conn)
	_, err := catalog.GetProduct(ctx, &catalogv1.GetProductRequest{Name: "products/unobtainium"})
	expect(status.Code(err) == codes.NotFound, "%v", err)
	info, ok := detail[*errdetails.ResourceInfo](err)
	expect(ok && info.ResourceName == "products/unobtainium", "%v", err)
	_, err = catalog.UpdateProduct(ctx, &catalogv1.UpdateProductRequest{})
	expect(status.Code(err) == codes.Unimplemented, "%v", err)
	why, ok := detail[*errdetails.ErrorInfo](err)
	expect(ok && why.Domain == "treaty" && why.Reason == "METHOD_NOT_PUBLIC", "%v", err)
}

func detail[T any](err error) (T, bool) {
	for _, any := range status.Convert(err).Details() {
		if wanted, ok := any.(T); ok {
			return wanted, true
		}
	}
	var none T
	return none, false
}

func expect(ok bool, format string, args ...any) {
	if !ok {
		log.Fatalf(format, args...)
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
