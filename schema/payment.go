package schema

import "time"

// Payment states.
const (
	PaymentPending  = "pending"
	PaymentPaid     = "paid"
	PaymentRefunded = "refunded"
	PaymentFailed   = "failed"
)

// Payment is money paid, or paid back, for an order. Key: payment id.
type Payment struct {
	Provenance
	PaymentID      string    `json:"payment_id"`
	OrderNumber    string    `json:"order_number"`
	Amount         Amount    `json:"amount"`
	Currency       string    `json:"currency"`
	Method         string    `json:"method"`
	Status         string    `json:"status"`
	PaidAt         time.Time `json:"paid_at,omitzero"`
	DocumentNumber string    `json:"document_number"` // number of the payment order or receipt
}

// RecordEntity implements [Record].
func (p *Payment) RecordEntity() Entity { return EntityPayment }

// RecordKey implements [Record].
func (p *Payment) RecordKey() Key { return Key(p.PaymentID) }

// Prov implements [Record].
func (p *Payment) Prov() *Provenance { return &p.Provenance }

// Validate implements [Record].
func (p *Payment) Validate() []Problem {
	var c checker
	c.key("payment_id", p.PaymentID, 60)
	c.requiredIn("", "order_number", p.OrderNumber)
	c.currency("currency", p.Currency)
	c.oneOf("status", p.Status, PaymentPending, PaymentPaid, PaymentRefunded, PaymentFailed)
	if p.Amount <= 0 {
		c.add("amount", p.Amount.String(), "must be above zero", "correct the payment in the source system")
	}
	return c.problems
}

// Directions of a bank transaction, seen from our own account.
const (
	BankIn  = "in"
	BankOut = "out"
)

// BankTransaction is one line of a bank statement. Key: transaction id, a digest
// of account, date, number, amount and payer, so that a line that comes in two
// files is one row. Payer and purpose are personal data.
type BankTransaction struct {
	Provenance
	TransactionID  string    `json:"transaction_id"`
	Account        string    `json:"account"` // our own account
	Direction      string    `json:"direction"`
	Amount         Amount    `json:"amount"`
	Currency       string    `json:"currency"`
	BookedOn       time.Time `json:"booked_on"` // midnight UTC of the bank's date
	DocumentNumber string    `json:"document_number"`
	DocumentDate   time.Time `json:"document_date,omitzero"`
	DocumentKind   string    `json:"document_kind"`
	PayerName      string    `json:"payer_name"`
	PayerINN       string    `json:"payer_inn"`
	PayerAccount   string    `json:"payer_account"`
	PayeeName      string    `json:"payee_name"`
	PayeeINN       string    `json:"payee_inn"`
	PayeeAccount   string    `json:"payee_account"`
	Purpose        string    `json:"purpose"`
	OrderReference string    `json:"order_reference"` // order number read in the purpose, "" when none
}

// RecordEntity implements [Record].
func (t *BankTransaction) RecordEntity() Entity { return EntityBankTransaction }

// RecordKey implements [Record].
func (t *BankTransaction) RecordKey() Key { return Key(t.TransactionID) }

// Prov implements [Record].
func (t *BankTransaction) Prov() *Provenance { return &t.Provenance }

// Validate implements [Record].
func (t *BankTransaction) Validate() []Problem {
	var c checker
	c.key("transaction_id", t.TransactionID, 64)
	c.requiredIn("", "account", t.Account)
	c.oneOf("direction", t.Direction, BankIn, BankOut)
	c.currency("currency", t.Currency)
	if t.Amount <= 0 {
		c.add("amount", t.Amount.String(), "must be above zero", "ask the bank for a correct statement")
	}
	if t.BookedOn.IsZero() {
		c.add("booked_on", "", "is empty", "ask the bank for a correct statement")
	}
	return c.problems
}
