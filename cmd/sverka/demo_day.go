package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"sverka/replicator/connector/bankfile/banksim"
	"sverka/replicator/connector/jushuitan/jushuitansim"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// The day in ticks; a tick is a third of a second.
const (
	dayTicks  = 60
	tickTime  = 330 * time.Millisecond
	downFrom  = 20 // 1C does not answer
	downUntil = 28
)

// day is the state of the day being played.
type day struct {
	*simulated

	rand   *rand.Rand
	number int
	orders []*dayOrder
}

// dayOrder is an order of the day and what its buyer will do.
type dayOrder struct {
	simworld.Order

	tick      int // when it was placed
	payAfter  int // ticks until the buyer pays, -1 for never
	paid      bool
	partial   bool // leaves in two parcels
	shippedAt int  // tick of the first parcel, 0 when none
	done      bool
}

// undecided tells a buyer who has to pay first but will not.
func (o *dayOrder) undecided() bool {
	return !o.paid && o.payAfter < 0 && o.PaymentMethod != schema.MethodOnDelivery
}

// playDay plays the business of a day: orders, payments, shipments, stock moves,
// one system down for a while, one poison record.
func (d *demo) playDay(ctx context.Context) error {
	p := newDay(d.simulated, d.opts.seed)
	d.show.step("The day begins: %d minutes of business pass in a second", demoFactor/60)
	d.clock.SkipTo(demoMorning(time.Now()))
	events := p.events()
	for tick := range dayTicks {
		if e, ok := events[tick]; ok {
			text, err := e()
			if err != nil {
				return fmt.Errorf("play tick %d of the day: %w", tick, err)
			}
			d.show.line(d.clock.Now().In(demoZone()).Format("15:04") + "  " + text)
		}
		if tick < dayTicks-10 {
			for range 1 + tick%2 {
				if err := p.place(tick); err != nil {
					return err
				}
			}
		}
		if err := p.pay(tick); err != nil {
			return err
		}
		if tick%10 == 9 {
			if _, err := p.bank.WriteStatement(d.clock.Now()); err != nil {
				return fmt.Errorf("write the bank statement: %w", err)
			}
		}
		p.warehouse(tick)
		d.progress(ctx)
		if !pause(ctx, tickTime) {
			return context.Cause(ctx)
		}
	}
	if _, err := p.bank.WriteStatement(d.clock.Now()); err != nil {
		return fmt.Errorf("write the bank statement: %w", err)
	}
	return nil
}

func demoZone() *time.Location { return time.FixedZone("MSK", 3*60*60) }

// place makes a buyer order something.
func (p *day) place(tick int) error {
	p.number++
	o := &dayOrder{Order: p.world.NewOrder(p.rand, fmt.Sprintf("OS-%06d", p.number), p.clock.Now()), tick: tick}
	switch {
	case p.number%17 == 0:
		o.payAfter = -1 // thinks it over, and over
	case o.PaymentMethod == schema.MethodOnDelivery:
		o.payAfter = -1
	default:
		o.payAfter = p.rand.IntN(6)
	}
	o.partial = len(o.Lines) > 1 && p.number%5 == 0
	p.orders = append(p.orders, o)
	if err := p.openshop.PlaceOrder(o.Order); err != nil {
		return fmt.Errorf("place order %s: %w", o.Number, err)
	}
	return nil
}

// pay lets buyers pay when they are ready: a card at once, a transfer through the
// bank, whose statement comes later.
func (p *day) pay(tick int) error {
	for _, o := range p.orders {
		if o.paid || o.payAfter < 0 || tick < o.tick+o.payAfter {
			continue
		}
		o.paid = true
		if o.PaymentMethod == schema.MethodBankTransfer {
			payer := p.world.CustomerByCode(o.Customer)
			p.bank.Pay(o.Number, o.Total, banksim.Payer{Name: payer.Name, INN: payer.INN}, p.clock.Now())
		}
		if err := p.openshop.Pay(o.Number, "PAY-"+o.Number, o.PaymentMethod, p.clock.Now()); err != nil {
			return fmt.Errorf("pay order %s: %w", o.Number, err)
		}
	}
	return nil
}

// warehouse approves and ships what has reached Jushuitan.
func (p *day) warehouse(tick int) {
	for _, o := range p.orders {
		if o.done || tick < o.tick+4 {
			continue
		}
		state, ok := p.jushuitan.Order(o.Number)
		if !ok {
			continue
		}
		switch state.Status {
		case "WaitConfirm":
			_ = p.jushuitan.Approve(o.Number) // refused when the buyer cancelled meanwhile
		case "Delivering":
			p.ship(o, tick)
		case "Sent", "Cancelled":
			o.done = true
		}
	}
}

func (p *day) ship(o *dayOrder, tick int) {
	if !o.partial {
		_, err := p.jushuitan.Ship(o.Number)
		o.done = err == nil
		return
	}
	if o.shippedAt == 0 {
		if _, err := p.jushuitan.Ship(o.Number, jushuitansim.Part{o.Lines[0].SKU: int64(o.Lines[0].Quantity) / 1000}); err == nil {
			o.shippedAt = tick
		}
		return
	}
	if tick >= o.shippedAt+5 {
		_, err := p.jushuitan.Ship(o.Number) // the rest
		o.done = err == nil
	}
}

// events are what happens once, by tick.
func (p *day) events() map[int]func() (string, error) {
	return map[int]func() (string, error){
		3: func() (string, error) {
			return "a poison order comes from the shop: its quantity is «много»", p.openshop.PlaceBrokenOrder("OS-199999")
		},
		5: func() (string, error) {
			o := p.world.NewOrder(p.rand, "OS-199998", p.clock.Now())
			o.Address, o.PaymentMethod = "неизвестная улица", schema.MethodOnDelivery
			return "an order comes whose address nobody can find", p.openshop.PlaceOrder(o)
		},
		10: func() (string, error) {
			for i := range 5 {
				product := p.world.Products[10+i]
				if err := p.jushuitan.SetPrice(product.SKU, product.Retail+50000); err != nil {
					return "", err
				}
			}
			return "5 prices rise in Jushuitan", nil
		},
		14: func() (string, error) {
			for i := range 4 {
				p.jushuitan.AddProduct(p.newProduct(i))
			}
			return "4 new products appear in Jushuitan", nil
		},
		downFrom: func() (string, error) {
			p.onecFault.SetDown(true)
			return "1C goes down", nil
		},
		downUntil: func() (string, error) {
			p.onecFault.SetDown(false)
			return "1C is back", nil
		},
		34: func() (string, error) {
			for i := range 6 {
				p.jushuitan.SetQuantity(p.world.Warehouses[0].JushuitanID, p.world.Products[100+i].SKU, int64(40+i))
			}
			return "stock-taking corrects 6 articles in the main warehouse", nil
		},
		38: func() (string, error) {
			shop := p.world.Warehouses[2]
			for i := range 4 {
				if err := p.onec.SetQuantity(shop.Code, p.world.Products[120+i].SKU, schema.Pieces(int64(15+i))); err != nil {
					return "", err
				}
			}
			return "4 articles are received in the retail warehouse, which 1C runs", nil
		},
		42: func() (string, error) {
			for _, o := range p.orders {
				if o.undecided() {
					o.done = true
					return "the buyer of " + o.Number + " cancels before paying", p.openshop.Cancel(o.Number)
				}
			}
			return "nobody cancels today", nil
		},
	}
}

func (p *day) newProduct(i int) simworld.Product {
	product := p.world.Products[i]
	product.SKU = fmt.Sprintf("NEW-%05d", 70000+i)
	product.Name += ", новинка"
	product.Barcode = fmt.Sprintf("46099000%04d0", i)
	product.JushuitanOnly = true
	return product
}
