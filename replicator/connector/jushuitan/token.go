package jushuitan

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
)

// renewBefore is how long before its end a token is refreshed.
const renewBefore = 24 * time.Hour

// Token is the merchant's authorisation.
type Token struct {
	Access    apicall.Secret
	Refresh   apicall.Secret
	ExpiresAt time.Time
}

// TokenStore keeps the token where all processes of one application find it.
// Load returns the zero Token when nothing is kept.
type TokenStore interface {
	Load(ctx context.Context) (Token, error)
	Save(ctx context.Context, t Token) error
}

// MemoryTokens is a [TokenStore] of one process.
type MemoryTokens struct {
	mu    sync.Mutex
	token Token
}

// Load implements [TokenStore].
func (m *MemoryTokens) Load(context.Context) (Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token, nil
}

// Save implements [TokenStore].
func (m *MemoryTokens) Save(_ context.Context, t Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.token = t
	return nil
}

// token returns a token that is good for a while. One caller at a time asks for
// a new one; the others wait for it.
func (c *Client) token(ctx context.Context) (Token, error) {
	if err := c.lockToken(ctx); err != nil {
		return Token{}, err
	}
	defer c.unlockToken()
	t, err := c.cfg.Tokens.Load(ctx)
	if err != nil {
		return Token{}, fmt.Errorf("load the token of jushuitan: %w", err)
	}
	now := c.cfg.Now()
	if t.Access != "" && now.Before(t.ExpiresAt.Add(-renewBefore)) {
		return t, nil
	}
	if t.Refresh != "" && now.Before(t.ExpiresAt) {
		fresh, err := c.askToken(ctx, opTokenRefresh, map[string]string{
			"grant_type": "refresh_token", "refresh_token": t.Refresh.Reveal(), "scope": "all",
		})
		if err == nil {
			if fresh.Refresh == "" {
				fresh.Refresh = t.Refresh
			}
			return fresh, c.saveToken(ctx, fresh)
		}
		if kind := replicator.KindOf(err); kind == replicator.Throttled || kind == replicator.Transient {
			return t, nil // still good for some hours; the next call tries again
		}
	}
	return c.firstToken(ctx)
}

// renew replaces a token that the vendor refused, unless somebody else did already.
func (c *Client) renew(ctx context.Context, refused Token) (Token, error) {
	if err := c.lockToken(ctx); err != nil {
		return Token{}, err
	}
	defer c.unlockToken()
	t, err := c.cfg.Tokens.Load(ctx)
	if err != nil {
		return Token{}, fmt.Errorf("load the token of jushuitan: %w", err)
	}
	if t.Access != "" && t.Access != refused.Access {
		return t, nil
	}
	return c.firstToken(ctx)
}

// firstToken asks for a token with a code of our own making.
func (c *Client) firstToken(ctx context.Context) (Token, error) {
	code := c.cfg.AuthCode
	if code == "" {
		code = rand.Text()[:6]
	}
	t, err := c.askToken(ctx, opTokenInit, map[string]string{"grant_type": "authorization_code", "code": code})
	if err != nil {
		return Token{}, err
	}
	return t, c.saveToken(ctx, t)
}

func (c *Client) saveToken(ctx context.Context, t Token) error {
	if err := c.cfg.Tokens.Save(ctx, t); err != nil {
		return fmt.Errorf("save the token of jushuitan: %w", err)
	}
	return nil
}

func (c *Client) askToken(ctx context.Context, name string, params map[string]string) (Token, error) {
	params["app_key"] = c.cfg.AppKey
	params["timestamp"] = c.timestamp()
	params["charset"] = "utf-8"
	asked := c.cfg.Now()
	op := c.ops[name]
	res, err := c.http.Do(ctx, apicall.Request{
		Operation: name, Method: "POST", Path: op.path, Header: formHeader(), Body: c.form(params),
		KeptBody: []byte("grant_type=" + params["grant_type"]), HideReply: true,
	})
	if err != nil {
		return Token{}, err
	}
	env, err := c.open(name, op, res)
	if err != nil {
		return Token{}, err
	}
	if v := judge(name, op, env, c.cfg.TimeFactor); v.failure != nil {
		return Token{}, v.failure
	}
	var data struct {
		Access  string  `json:"access_token"`
		Refresh string  `json:"refresh_token"`
		Expires integer `json:"expires_in"`
	}
	if err := json.Unmarshal(env.Data, &data); err != nil || data.Access == "" {
		return Token{}, &replicator.Failure{Kind: replicator.Transient, System: system, Operation: name, Message: "the answer holds no token"}
	}
	return Token{
		Access: apicall.Secret(data.Access), Refresh: apicall.Secret(data.Refresh),
		ExpiresAt: asked.Add(time.Duration(data.Expires) * time.Second),
	}, nil
}

// lockToken waits for the right to ask for a token, but not beyond ctx.
func (c *Client) lockToken(ctx context.Context) error {
	select {
	case c.tokenLock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &replicator.Failure{Kind: replicator.Transient, System: system, Operation: "token", Message: "waiting for the token", Err: context.Cause(ctx)}
	}
}

func (c *Client) unlockToken() { <-c.tokenLock }
