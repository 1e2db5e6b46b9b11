// Nanoseconds that Go takes to decode and validate a message: bench TYPE FILE.
package main

import (
	"fmt"
	"os"
	"sort"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "treaty.test/bench/benchv1"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	found := must(protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(os.Args[1])))
	encoded := must(os.ReadFile(os.Args[2]))
	validator := must(protovalidate.New(protovalidate.WithMessages(found.New().Interface())))
	call := func() {
		message := found.New().Interface()
		if err := proto.Unmarshal(encoded, message); err != nil {
			panic(err)
		}
		if err := validator.Validate(message); err != nil {
			panic(err)
		}
	}
	var turns []float64
	for range 15 {
		calls, begun := 0, time.Now()
		for time.Since(begun) < 60*time.Millisecond {
			for range 64 {
				call()
			}
			calls += 64
		}
		turns = append(turns, float64(time.Since(begun).Nanoseconds())/float64(calls))
	}
	sort.Float64s(turns)
	fmt.Printf("%.1f\n", turns[len(turns)/2])
}
