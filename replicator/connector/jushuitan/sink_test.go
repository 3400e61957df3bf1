package jushuitan_test

import (
	"errors"
	"strings"
	"testing"

	"sverka/replicator"
	"sverka/replicator/connector/jushuitan"
	"sverka/replicator/connector/jushuitan/jushuitansim"
	"sverka/replicator/connector/simworld"
	"sverka/replicator/replicatortest"
	"sverka/schema"
)

const uploadPath = "/open/jushuitan/orders/upload"

func TestSink_passes_the_acceptance_suite(t *testing.T) {
	t.Parallel()
	for name, legacy := range map[string]bool{"new platform": false, "old gateway": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			commits := simworld.PathContains("orders/upload")
			if legacy {
				commits = simworld.PathContains("orders.upload")
			}
			replicatortest.ExerciseSink(t, replicatortest.Options{
				New: func(tb testing.TB) replicatortest.Target {
					tb.Helper()
					r := newRig(tb, func(o *jushuitansim.Options, c *jushuitan.Config) { o.RejectUnknownSKU, c.Legacy = true, legacy })
					return replicatortest.Target{
						Sink: r.client, Faults: r.faults,
						Documents: func(key schema.Key) int { return r.sim.OrderCount(string(key)) },
						Arrivals: func() []schema.Key {
							var out []schema.Key
							for _, n := range r.sim.OrdersIn("WaitConfirm") {
								out = append(out, schema.Key(n))
							}
							return out
						},
						Holds: func(key schema.Key, text string) bool {
							o, found := r.sim.Order(string(key))
							return found && o.Receiver == text
						},
					}
				},
				Deliveries: func(tb testing.TB, n int) []replicator.Delivery {
					tb.Helper()
					r := &rig{world: simworld.New(simworld.Options{Seed: 7})}
					var out []replicator.Delivery
					for i := range n {
						out = append(out, orderDelivery(r.order(i)))
					}
					return out
				},
				Break: func(d replicator.Delivery) replicator.Delivery {
					src := schema.Clone(d.Source.(*schema.SalesOrder))
					src.Lines[0].SKU = "NO-SUCH-ARTICLE"
					d.Source, d.Related.Order = src, src
					return d
				},
				Commits:  commits,
				Secrets:  []string{testSecret},
				Personal: []string{"Иванова Анна", "+79121234567", "ул. Ленина, 5, кв. 12"},
			})
		})
	}
}

// What is confirmed, what is wanted and what is read later must be one and the
// same, or the flow never comes to rest.
func TestWrite_confirms_what_the_readers_then_read(t *testing.T) {
	t.Parallel()
	for name, tune := range map[string]func(*jushuitansim.Options, *jushuitan.Config){
		"plain":            func(*jushuitansim.Options, *jushuitan.Config) {},
		"masked receivers": func(o *jushuitansim.Options, _ *jushuitan.Config) { o.MaskReceiver = true },
	} {
		r := newRig(t, tune)
		o := r.order(1)
		d := orderDelivery(o)
		d.Related.Address = &schema.Address{Status: schema.AddressResolved, Region: "Москва", City: "Москва", Country: "RU", PostalCode: "101000"}
		conf := mustDeliver(t, r.client, d)[0]
		wanted, _ := r.client.Project(&d)
		rd := mustRead(t, r.client.Orders(), "")
		order, status, pay := observed[*schema.SalesOrder](t, conf), observed[*schema.OrderStatus](t, conf), observed[*schema.Payment](t, conf)
		for what, pair := range map[string][2]schema.Record{
			"order":   {order, find[*schema.SalesOrder](rd, o.RecordKey())},
			"status":  {status, find[*schema.OrderStatus](rd, o.RecordKey())},
			"payment": {pay, find[*schema.Payment](rd, "P-"+o.RecordKey())},
		} {
			if schema.Hash(pair[0]) != schema.Hash(pair[1]) {
				t.Errorf("%s: the confirmed %s differs from what is read:\n%+v\n%+v", name, what, pair[0], pair[1])
			}
		}
		if name == "plain" && schema.Hash(order) != schema.Hash(wanted) {
			t.Errorf("%s: confirmed\n%+v, wanted\n%+v", name, order, wanted)
		}
		d.Held = order
		if again, err := r.client.Project(&d); err != nil || schema.Hash(again) != schema.Hash(order) {
			t.Errorf("%s: Project wants a change of what was just confirmed: %v\n%+v\n%+v", name, err, again, order)
		}
		pd := paymentDelivery(o, d.Related.Payments[0])
		pd.Held, pd.Related.HeldOrder = nil, order
		if again, err := r.client.Project(&pd); err != nil || schema.Hash(again) != schema.Hash(pay) {
			t.Errorf("%s: the payment flow wants another payment than the order brought: %v\n%+v\n%+v", name, err, again, pay)
		}
	}
}

func TestWrite_sends_an_order_in_the_vendors_terms(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.order(1)
	d := orderDelivery(o)
	d.Related.Address = &schema.Address{Status: schema.AddressResolved, Region: "Московская область", City: "Химки"}
	conf := mustDeliver(t, r.client, d)[0]
	got, _ := r.sim.Order(o.OrderNumber)
	requireEqual(t, "status", got.Status, "WaitConfirm")
	requireEqual(t, "total and paid", []schema.Amount{got.Total, got.Paid}, []schema.Amount{o.Total, o.Total})
	requireEqual(t, "service as freight", got.Freight, schema.Amount(35000))
	requireEqual(t, "number of goods", len(got.Lines), 2)
	requireEqual(t, "link of the line", got.Lines[1].OuterID, o.OrderNumber+"-2")
	requireEqual(t, "the buyer's own address, whole", got.Address, o.AddressText)
	requireEqual(t, "state and city", got.State+"/"+got.City, "Московская область/Химки")
	requireEqual(t, "the address as held", observed[*schema.SalesOrder](t, conf).AddressText, "Московская область, Химки, "+o.AddressText)
	requireEqual(t, "note", conf.Note, "created")

	cod := r.order(2)
	cod.PaymentMethod = schema.MethodOnDelivery
	mustDeliver(t, r.client, unpaid(orderDelivery(cod)))
	got, _ = r.sim.Order(cod.OrderNumber)
	requireEqual(t, "payable on delivery", got.Status, "WaitConfirm")
}

// An answer that is lost after the commit leaves exactly one order, whatever is
// tried again (invariant 4).
func TestWrite_makes_one_order_whatever_is_lost(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*simworld.Faults){
		"the answer is lost":      func(f *simworld.Faults) { f.DropAfterCommit(simworld.PathContains(uploadPath), 1) },
		"half the answer is lost": func(f *simworld.Faults) { f.Truncate(simworld.PathContains(uploadPath), 1) },
		"an internal error is told": func(f *simworld.Faults) {
			f.Fail(simworld.PathContains(uploadPath), 1, 200, `{"code":150,"msg":"内部错误"}`)
		},
	} {
		r := newRig(t)
		spoil(r.faults)
		d := orderDelivery(r.order(1))
		_, failed := deliver(t, r.client, d)
		if replicator.KindOf(failed[0]) != replicator.Unknown {
			t.Errorf("%s: %v, want the kind unknown", name, failed[0])
		}
		d.AskFirst, d.Attempt = true, 2
		uploads := r.sim.Calls(uploadPath)
		conf := mustDeliver(t, r.client, d)[0]
		requireEqual(t, name+": orders", r.sim.OrderCount(string(d.Key)), 1)
		if conf.Note == "already there" && r.sim.Calls(uploadPath) != uploads {
			t.Errorf("%s: the order was sent again although it was there", name)
		}
		if name == "the answer is lost" {
			requireEqual(t, name+": note", conf.Note, "already there")
		}
	}
}

func TestWrite_keeps_a_partial_failure_to_its_order(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *jushuitansim.Options, _ *jushuitan.Config) { o.RejectUnknownSKU = true })
	bad := r.order(2)
	bad.Lines[0].SKU = "GONE"
	confs, failed := deliver(t, r.client, orderDelivery(r.order(1)), orderDelivery(bad), orderDelivery(r.order(3)))
	if len(failed) != 1 || replicator.KindOf(failed[1]) != replicator.Rejected || !strings.Contains(failed[1].Error(), "GONE") {
		t.Errorf("failed: %v, want the second rejected with the article's name", failed)
	}
	observed[*schema.SalesOrder](t, confs[0])
	observed[*schema.SalesOrder](t, confs[2])
	requireEqual(t, "orders of the bad number", r.sim.OrderCount(bad.OrderNumber), 0)
}

// Some mistakes refuse the whole array; the one bad order is found by halving.
func TestWrite_finds_the_bad_order_of_a_refused_array(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.faults.Fail(simworld.PathContains(uploadPath), 1, 200, `{"code":140,"msg":"参数不符合规范,请检查传入参数!","data":null}`)
	mustDeliver(t, r.client, orderDelivery(r.order(1)), orderDelivery(r.order(2)), orderDelivery(r.order(3)))
	requireEqual(t, "calls: refused, two halves", r.sim.Calls(uploadPath), 2)
}

func TestWrite_shows_no_personal_data_of_a_quoting_vendor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.order(1)
	r.faults.Fail(simworld.PathContains(uploadPath), 1, 200,
		`{"code":0,"msg":"执行成功","data":{"datas":[{"o_id":0,"so_id":"`+o.OrderNumber+`","issuccess":false,"msg":"收件人[`+o.ReceiverName+`]电话[`+o.ReceiverPhone+`]无效"}]}}`)
	_, failed := deliver(t, r.client, orderDelivery(o))
	text := failed[0].Error()
	if strings.Contains(text, "Иванова") || strings.Contains(text, "9121234567") || !strings.Contains(text, o.OrderNumber) {
		t.Errorf("the error reads %q", text)
	}
}

func TestWrite_updates_only_what_can_be_updated(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.order(1)
	first := mustDeliver(t, r.client, orderDelivery(o))[0]
	edit := func(how func(*schema.SalesOrder)) (replicator.Confirmation, error) {
		d := orderDelivery(schema.Clone(o))
		how(d.Source.(*schema.SalesOrder))
		d.Held = observed[*schema.SalesOrder](t, first)
		confs, failed := deliver(t, r.client, d)
		return confs[0], failed[0]
	}
	conf, err := edit(func(c *schema.SalesOrder) {
		c.AddressText, c.Comment = "Казань, Садовая ул., 7", "не звонить"
	})
	if err != nil || conf.Note != "updated" {
		t.Fatalf("a new address: %q and %v", conf.Note, err)
	}
	got, _ := r.sim.Order(o.OrderNumber)
	requireEqual(t, "address", got.Address, "Казань, Садовая ул., 7")
	conf, err = edit(func(c *schema.SalesOrder) { c.Lines[1].Cancelled = true; c.Total -= c.Lines[1].Amount })
	if err != nil {
		t.Fatalf("a cancelled line: %v", err)
	}
	got, _ = r.sim.Order(o.OrderNumber)
	requireEqual(t, "the cancelled line", got.Lines[1].Status, "Cancelled")
	if rec := observed[*schema.SalesOrder](t, conf); !rec.Lines[1].Cancelled || rec.Lines[0].Cancelled || rec.Total != o.Total {
		t.Errorf("the cancelled line reads %+v", rec)
	}

	for field, how := range map[string]func(*schema.SalesOrder){
		"lines":          func(c *schema.SalesOrder) { c.Lines[0].Quantity = schema.Pieces(5) },
		"total":          func(c *schema.SalesOrder) { c.Total -= 100 },
		"warehouse":      func(c *schema.SalesOrder) { c.WarehouseCode = "SZX" },
		"payment method": func(c *schema.SalesOrder) { c.PaymentMethod = schema.MethodOnDelivery },
	} {
		uploads := r.sim.Calls(uploadPath)
		if _, err := edit(how); holdReason(err) != "order_fixed" || !strings.Contains(err.Error(), field) {
			t.Errorf("another %s gives %v, want a hold that names it", field, err)
		}
		requireEqual(t, field+": uploads", r.sim.Calls(uploadPath), uploads)
	}

	must(t, r.sim.Approve(o.OrderNumber))
	r.ship(t, o)
	if _, err := edit(func(c *schema.SalesOrder) { c.AddressText = "Пермь, Садовая ул., 1" }); holdReason(err) != "order_already_shipped" {
		t.Errorf("a new address after the parcel left gives %v", err)
	}
}

func holdReason(err error) string {
	var h *replicator.HoldError
	if !errors.As(err, &h) {
		return ""
	}
	return h.Reason
}

func TestWrite_never_revives_a_cancelled_order(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.order(1)
	mustDeliver(t, r.client, orderDelivery(o))
	must(t, r.sim.CancelInWarehouse(o.OrderNumber))
	_, failed := deliver(t, r.client, orderDelivery(o))
	requireEqual(t, "reason", holdReason(failed[0]), "order_cancelled_in_jushuitan")

	d := orderDelivery(r.order(2))
	d.Related.Status = &schema.OrderStatus{Phase: schema.PhaseCancelled}
	if wanted, err := r.client.Project(&d); wanted != nil || err != nil {
		t.Errorf("an order that was cancelled before it was sent gives %v and %v, want nothing to tell", wanted, err)
	}
	mustDeliver(t, r.client, d)
	requireEqual(t, "orders of the cancelled number", r.sim.OrderCount(string(d.Key)), 0)
}

// The order was cancelled in the source while nobody knew whether its upload
// had arrived: it must not stay alive in Jushuitan.
func TestWrite_ends_an_order_whose_upload_was_lost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.faults.DropAfterCommit(simworld.PathContains(uploadPath), 1)
	d := orderDelivery(r.order(1))
	_, failed := deliver(t, r.client, d)
	requireEqual(t, "kind", replicator.KindOf(failed[0]), replicator.Unknown)
	d.AskFirst = true
	d.Related.Status = &schema.OrderStatus{Phase: schema.PhaseCancelled}
	conf := mustDeliver(t, r.client, d)[0]
	requireEqual(t, "phase", observed[*schema.OrderStatus](t, conf).Phase, schema.PhaseCancelled)
	got, _ := r.sim.Order(string(d.Key))
	requireEqual(t, "status", got.Status, "Cancelled")
}

func TestWrite_sends_an_order_that_is_fetched(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.order(1)
	o.AddressText = ""
	d := orderDelivery(o)
	conf := mustDeliver(t, r.client, d)[0]
	wanted, _ := r.client.Project(&d)
	if schema.Hash(wanted) != schema.Hash(observed[*schema.SalesOrder](t, conf)) {
		t.Errorf("confirmed %+v, wanted %+v", conf.Observed[0], wanted)
	}
}

func TestProject_names_what_makes_an_order_unfit(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for want, how := range map[string]func(*schema.SalesOrder){
		"is not whole":           func(o *schema.SalesOrder) { o.Lines[0].Quantity = 1500 },
		"cannot be counted":      func(o *schema.SalesOrder) { o.Lines[0].UnitCode = "166" },
		"has no number":          func(o *schema.SalesOrder) { o.Lines[0].LineNo = 0 },
		"receiver_name is empty": func(o *schema.SalesOrder) { o.ReceiverName = " " },
		"receiver_phone":         func(o *schema.SalesOrder) { o.ReceiverPhone = "" },
		"customer_code":          func(o *schema.SalesOrder) { o.CustomerCode = "" },
		"address_text has 201":   func(o *schema.SalesOrder) { o.AddressText = strings.Repeat("я", 201) },
		"does not equal":         func(o *schema.SalesOrder) { o.Total++ },
		"no goods":               func(o *schema.SalesOrder) { o.Lines = o.Lines[2:] },
	} {
		o := r.order(1)
		how(o)
		d := orderDelivery(o)
		_, err := r.client.Project(&d)
		if replicator.KindOf(err) != replicator.Rejected || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), o.OrderNumber) {
			t.Errorf("%q: got %v", want, err)
		}
	}
	o := r.order(1)
	o.WarehouseCode = "NOWHERE"
	_, failed := deliver(t, r.client, orderDelivery(o))
	requireEqual(t, "an unmapped warehouse", holdReason(failed[0]), "warehouse_unmapped")
}

func TestPreflight_checks_shop_warehouses_and_credentials(t *testing.T) {
	t.Parallel()
	if err := newRig(t).client.Preflight(t.Context()); err != nil {
		t.Errorf("preflight of a good configuration: %v", err)
	}
	for want, tune := range map[string]func(*jushuitansim.Options, *jushuitan.Config){
		"shop 77":         func(_ *jushuitansim.Options, c *jushuitan.Config) { c.ShopID = 77 },
		"warehouse 5 (X)": func(_ *jushuitansim.Options, c *jushuitan.Config) { c.Warehouses["5"] = "X" },
		"unauthorised":    func(o *jushuitansim.Options, _ *jushuitan.Config) { o.AppSecret = "another" },
	} {
		err := newRig(t, tune).client.Preflight(t.Context())
		var f *replicator.Failure
		if err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &f) || f.Hint == "" {
			t.Errorf("%s: preflight says %v", want, err)
		}
	}
}
